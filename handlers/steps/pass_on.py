from dataclasses import replace
from datetime import datetime

from bot.cards import request_words as words
from bot.cards.answers import what
from bot.cards.requests import Asking
from bot.chain import Link
from bot.money import say
from bot.policy import Organisation
from bot.request_clocks import begun
from bot.requests import Approval, Request
from handlers.steps.tell_request import record, redraw, tell_each
from storage.ledger import Ledger


async def pass_on(
    ledger: Ledger,
    organisation: Organisation,
    sides: tuple[Request, Request],
    following: Link,
    now: datetime,
    *,
    reason: str = "",
) -> Request | None:
    """One yes of several is kept and the next step asked; None when the request had ended or
    changed before. `sides`: the request without that yes, and with it.
    """
    before, agreed = sides
    moved = begun(replace(agreed, step=following.step), organisation.policy, now)
    saved = await ledger.requests.save(moved)
    if saved is None:
        return None
    yes = saved.approvals[-1]
    said = f"approved the {yes.step} step: {what(saved)}{_less(saved)}"
    await record(ledger, (before, saved), yes.by, said, now, reason=reason)
    asking = await redraw(ledger, organisation, saved, now, told=True)
    if asking is not None:
        await _tell(ledger, organisation, asking, (saved, yes, reason), now)
    return saved


async def _tell(
    ledger: Ledger,
    organisation: Organisation,
    asking: Asking,
    said: tuple[Request, Approval, str],
    now: datetime,
) -> None:
    request, yes, reason = said
    key = f"{request.notice}:{request.edition}:{len(request.approvals)}"
    heard = (f"{key}:yes", words.passed_on(asking, request, yes, reason), asking.zone)
    await tell_each(ledger, organisation, [request.asked_by], heard, now)
    turn = (f"{key}:turn", words.your_turn(asking, request), asking.zone)
    await tell_each(ledger, organisation, asking.chain.running.people, turn, now)


def _less(request: Request) -> str:
    return "" if request.granted is None else f", {say(request.granted)} of it"
