from dataclasses import replace
from datetime import datetime

from bot.amending import amended
from bot.cards import request_words as words
from bot.cards.answers import what
from bot.cards.kit import person
from bot.cards.requests import Asking
from bot.policy import Organisation
from bot.refusal import NotAllowed
from bot.requests import Path, Reply, Request, RequestDraft
from handlers.steps.tell_request import record, redraw, tell_each
from handlers.steps.waiting_request import too_late, waiting_request
from handlers.steps.weigh_request import weigh_request
from storage.ledger import Ledger


async def check_amend(
    reply: Reply, ledger: Ledger, now: datetime, *, lock: bool = False
) -> Request:
    """Only whoever asked may change it. Raises Refusal."""
    request = await waiting_request(ledger, reply, now, lock=lock)
    if reply.by != request.asked_by:
        raise NotAllowed(f"Only {person(request.asked_by)} may amend it: they asked.")
    return request


async def preview_amendment(
    reply: Reply, draft: RequestDraft, ledger: Ledger, organisation: Organisation, now: datetime
) -> Asking:
    """What would be asked instead; nothing is saved. Raises Refusal naming the field."""
    request = await check_amend(reply, ledger, now)
    return await weigh_request(
        ledger, organisation, amended(request, draft, organisation.policy, now), now
    )


async def amend_request(
    reply: Reply, draft: RequestDraft, ledger: Ledger, organisation: Organisation, now: datetime
) -> Request:
    """Another amount, time or reason: every step is asked again, on new clocks. Raises Refusal."""
    request = await check_amend(reply, ledger, now, lock=True)
    changed = amended(request, draft, organisation.policy, now)
    asking = await weigh_request(ledger, organisation, changed, now)
    path = Path.EXPEDITED if asking.expedited else Path.NORMAL
    begins = replace(changed, step=asking.chain.running.step, path=path)
    saved = await ledger.requests.save(begins)
    if saved is None:
        raise await too_late(ledger, request, now)
    said = f"amended: {what(request)} → {what(saved)}"
    await record(ledger, (request, saved), reply.by, said, now, reason=saved.reason)
    await _tell(ledger, organisation, (request, saved), now)
    return saved


async def _tell(
    ledger: Ledger, organisation: Organisation, sides: tuple[Request, Request], now: datetime
) -> None:
    before, request = sides
    asking = await redraw(ledger, organisation, request, now, told=True)
    if asking is None:
        return
    key = f"{request.notice}:amended:{request.edition}"
    card = words.amended(asking, request)
    await ledger.notices.post(key, request.channel, card, now, under=request.notice)
    gone = (f"{key}:gone", words.your_yes_is_gone(asking, request), asking.zone)
    await tell_each(ledger, organisation, [one.by for one in before.approvals], gone, now)
    turn = (f"{key}:turn", words.your_turn(asking, request), asking.zone)
    again = [one for one in asking.chain.running.people if one not in _said_yes(before)]
    await tell_each(ledger, organisation, again, turn, now)


def _said_yes(request: Request) -> set[str]:
    return {one.by for one in request.approvals}
