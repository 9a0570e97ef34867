"""What a change of a waiting request brings: its card kept current, an audit entry, words."""

from collections.abc import Iterable
from datetime import datetime

from bot.cards import requests as cards
from bot.cards.requests import Asking
from bot.changes import INSTEAD_OF, Change
from bot.notices import Card
from bot.policy import Organisation
from bot.refusal import Refusal
from bot.requests import Request
from handlers.steps.tell_person import Word, tell_person
from handlers.steps.weigh_request import asking_of
from storage.ledger import Ledger


async def redraw(
    ledger: Ledger, organisation: Organisation, request: Request, now: datetime
) -> Asking | None:
    """The card shows how it stands now; None, and the card as it is, where its cap or everybody who
    could approve it is gone.
    """
    try:
        asking = await asking_of(ledger, organisation, request, now)
    except Refusal:
        return None
    await ledger.notices.update(request.notice, cards.asked(asking, request), now)
    return asking


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
