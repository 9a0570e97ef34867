"""What a change of a waiting request brings: its card kept current, an audit entry, words."""

from collections.abc import Iterable
from datetime import datetime

from bot.cards import requests as cards
from bot.cards.requests import Asking
from bot.changes import Change
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
    ledger: Ledger, request: Request, by: str, what: str, now: datetime, *, reason: str = ""
) -> None:
    """The audit entry of something that happened to a request that still waits."""
    about = f"request:{request.id}"
    state = {about: request.state.value}
    await ledger.changes.add(Change(now, by, request.workflow, what, state, state, reason))


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
