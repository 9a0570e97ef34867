from dataclasses import replace
from datetime import datetime

from bot.cards import request_words as words
from bot.cards.requests import Asking
from bot.changes import BOT
from bot.policy import Organisation
from bot.refusal import Refusal
from bot.requests import Request
from handlers.steps.each_apart import each_apart
from handlers.steps.tell_request import record, redraw, tell_each
from handlers.steps.weigh_request import asking_of
from storage.ledger import Ledger


async def escalate_requests(ledger: Ledger, organisation: Organisation, now: datetime) -> int:
    """Where a step has waited too long, the next group may answer as well, and is told; how many
    requests.
    """
    due = [one for one in await ledger.requests.to_escalate(now) if one.expires_at > now]
    return sum(await each_apart(ledger, due, lambda one: _escalate(ledger, organisation, one, now)))


async def _escalate(
    ledger: Ledger, organisation: Organisation, request: Request, now: datetime
) -> bool:
    if not await _anybody_beyond(ledger, organisation, request, now):
        await ledger.requests.save(replace(request, escalates_at=None))
        return False
    saved = await ledger.requests.save(replace(request, escalated_at=now))
    if saved is None:
        return False
    asking = await redraw(ledger, organisation, saved, now, told=True)
    if asking is None:
        return False
    await _tell(ledger, organisation, asking, saved, now)
    return True


async def _anybody_beyond(
    ledger: Ledger, organisation: Organisation, request: Request, now: datetime
) -> bool:
    try:
        asking = await asking_of(ledger, organisation, request, now)
    except Refusal:
        return False
    return asking.chain.running.beyond is not None


async def _tell(
    ledger: Ledger, organisation: Organisation, asking: Asking, request: Request, now: datetime
) -> None:
    link = asking.chain.running
    if link.beyond is None:
        return
    what = f"unanswered: {link.beyond.step} may answer as well"
    await record(ledger, (request, request), BOT, what, now)
    key = f"{request.notice}:{request.edition}:{len(request.approvals)}:escalated"
    people = [one.person for one in link.beyond.acting]
    also = (key, words.you_may_too(asking, request), asking.zone)
    await tell_each(ledger, organisation, people, also, now)
    told = (f"{key}:asked", words.others_may_too(asking, request, link), asking.zone)
    await tell_each(ledger, organisation, [request.asked_by], told, now)
