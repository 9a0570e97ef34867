from dataclasses import replace
from datetime import datetime, timedelta

from bot.cards import request_words as words
from bot.cards import requests as cards
from bot.cards.requests import Asking
from bot.changes import BOT
from bot.periods import slot_of
from bot.policy import Organisation
from bot.requests import Request, State
from bot.shown import Shown
from handlers.steps.each_apart import each_apart
from handlers.steps.next_page import next_page
from handlers.steps.tell_admins import tell_admins
from handlers.steps.tell_request import draw, record, see_request, tell_each
from storage.ledger import Ledger

JOB = "look_over_requests"
EVERY = timedelta(minutes=1)


async def look_over_requests(ledger: Ledger, organisation: Organisation, now: datetime) -> None:
    """Every minute: where an approval would do something else than a card says, or others may
    answer, the card is drawn anew and whoever may answer since is told. Whatever brought it about.
    """
    waiting = frozenset(one.id for one in await ledger.requests.waiting() if one.expires_at > now)
    if not waiting:
        return

    async def due() -> frozenset[str]:
        return waiting

    keys = await next_page(ledger, JOB, slot_of(now, EVERY), due, now)
    await each_apart(ledger, keys, lambda one: _look(ledger, organisation, one, now))


async def _look(ledger: Ledger, organisation: Organisation, key: str, now: datetime) -> None:
    request = await ledger.requests.get(key, lock=True)
    if request.state is not State.WAITING:
        return
    asking = await see_request(ledger, organisation, request, now)
    if asking is None:
        return
    before, shown = await ledger.request_cards.of(key), cards.shown_of(asking, request)
    if before is not None and not before.differs(shown):
        return
    current = await _renewed(ledger, request, before, shown, now)
    if current is None:
        return
    await draw(ledger, asking, current, now)
    if before is not None:
        await _tell(ledger, organisation, (asking, current), before, now)


async def _renewed(
    ledger: Ledger, request: Request, before: Shown | None, shown: Shown, now: datetime
) -> Request | None:
    """Of another edition, when a yes would be to something else; None when it changed just now."""
    if before is None or before.terms == shown.terms:
        return request
    saved = await ledger.requests.save(replace(request, edition=request.edition + 1))
    if saved is not None:
        what = "drew the card of a request anew: an approval would do something else now"
        await record(ledger, (request, saved), BOT, what, now)
    return saved


async def _tell(
    ledger: Ledger,
    organisation: Organisation,
    known: tuple[Asking, Request],
    before: Shown,
    now: datetime,
) -> None:
    asking, request = known
    key = f"{request.notice}:{request.edition}:{len(request.approvals)}"
    if asking.stuck:
        card = words.nobody(asking, request)
        await tell_admins(ledger, organisation, f"{request.notice}:nobody", card, now)
        told = (f"{request.notice}:nobody:asked", card, asking.zone)
        await tell_each(ledger, organisation, [request.asked_by], told, now)
        return
    new = [one for one in asking.chain.running.people if one not in before.people]
    turn = (f"{key}:turn", words.your_turn(asking, request), asking.zone)
    await tell_each(ledger, organisation, new, turn, now)
