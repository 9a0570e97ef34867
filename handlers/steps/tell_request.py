"""What a change of a waiting request brings: its card kept current, an audit entry, words."""

from collections.abc import Iterable
from datetime import datetime

from bot.cards import requests as cards
from bot.cards.requests import Asking
from bot.chain import NobodyMayApprove
from bot.changes import INSTEAD_OF, Change
from bot.notices import Card
from bot.policy import Organisation
from bot.requests import NotAskable, Request
from handlers.steps.tell_person import Word, tell_person
from handlers.steps.weigh_request import asking_of, stuck_asking
from storage.ledger import Ledger


async def redraw(
    ledger: Ledger,
    organisation: Organisation,
    request: Request,
    now: datetime,
    *,
    told: bool = False,
) -> Asking | None:
    """The card shows how it stands now; None, and the card as it is, where its cap or everybody who
    could approve it is gone. `told`: whoever may answer hears of it from the caller.
    """
    try:
        asking = await asking_of(ledger, organisation, request, now)
    except (NobodyMayApprove, NotAskable):
        # The look over all that wait says so, and tells who can help.
        return None
    shown = cards.shown_of(asking, request)
    before = await ledger.request_cards.of(request.id)
    await ledger.notices.update(request.notice, cards.asked(asking, request), now)
    await ledger.request_cards.keep(shown.beside(before, told=told))
    return asking


async def see_request(
    ledger: Ledger, organisation: Organisation, request: Request, now: datetime
) -> Asking | None:
    """How it stands now, `stuck` where nobody may answer it; None when its cap is gone."""
    try:
        return await asking_of(ledger, organisation, request, now)
    except NobodyMayApprove as nobody:
        return await stuck_asking(ledger, organisation, request, str(nobody), now)
    except NotAskable:
        return None


async def draw(ledger: Ledger, asking: Asking, request: Request, now: datetime) -> None:
    await ledger.notices.update(request.notice, cards.asked(asking, request), now)
    await ledger.request_cards.keep(cards.shown_of(asking, request))


async def record(
    ledger: Ledger,
    sides: tuple[Request, Request],
    by: str,
    what: str,
    now: datetime,
    *,
    reason: str = "",
) -> None:
    """The audit entry of something that happened to a request that still waits: `sides` are the
    request before and after it.
    """
    was, becomes = map(_facts, sides)
    differing = {name for name in was if was[name] != becomes[name]} | {f"request:{sides[0].id}"}
    change = Change(
        now,
        by,
        sides[1].workflow,
        what,
        {name: was[name] for name in was if name in differing},
        {name: becomes[name] for name in becomes if name in differing} | _acted(*sides),
        reason,
    )
    await ledger.changes.add(change)


_TERMS = ("amount", "granted", "until", "days", "reason", "outcome", "target", "if_refused")
_KEPT = (*_TERMS, "step", "expires_at")


def _facts(request: Request) -> dict[str, str]:
    """The colon keeps them out of a workflow's history in words: it says `what`."""
    about = f"request:{request.id}"
    facts = {f"{about}:{name}": str(getattr(request, name)) for name in _KEPT}
    return {about: request.state.value, **facts}


def _acted(before: Request, after: Request) -> dict[str, str]:
    """For whom the newest yes was given."""
    new = after.approvals[len(before.approvals) :]
    instead_of = next((one.instead_of for one in new if one.instead_of), None)
    return {INSTEAD_OF: instead_of} if instead_of else {}


async def tell_each(
    ledger: Ledger,
    organisation: Organisation,
    people: Iterable[str],
    said: tuple[str, Card, str],
    now: datetime,
) -> None:
    """`said`: the key without the person, the card, the zone of the team."""
    key, card, zone = said
    for one in dict.fromkeys(people):
        await tell_person(ledger, organisation, Word(f"{key}:{one}", one, card, zone=zone), now)
