from datetime import datetime

from bot.cards import request_words as words
from bot.names import tidy
from bot.policy import Organisation
from bot.questions import with_reply
from bot.requests import Request, State
from handlers.steps.take_reply import Words
from handlers.steps.tell_request import record, redraw, tell_each
from storage.ledger import Ledger

_KEPT = 2_000


async def hear_requester(
    request_id: str, said: Words, ledger: Ledger, organisation: Organisation, now: datetime
) -> Request | None:
    """What the requester writes in the thread after a question is kept, marked as heard, and goes
    to those who asked; anybody else's words, and words nobody asked for, are left alone.
    """
    request = await ledger.requests.get(request_id, lock=True)
    if said.by != request.asked_by or request.state is not State.WAITING:
        return None
    answered = with_reply(request, said.text, now)
    if answered is None or not await ledger.jobs.first_time(f"{said.channel}:{said.ts}", now):
        return None
    saved = await ledger.requests.save(answered)
    if saved is not None:
        what = "replied to a question"
        reason = tidy(said.text)[:_KEPT]
        await record(ledger, (request, saved), said.by, what, now, reason=reason)
        await _tell(ledger, organisation, saved, said, now)
    return saved


async def _tell(
    ledger: Ledger, organisation: Organisation, request: Request, said: Words, now: datetime
) -> None:
    await ledger.notices.react(said.channel, said.ts, "white_check_mark", now)
    asking = await redraw(ledger, organisation, request, now)
    if asking is None:
        return
    newest = {one.by: one for one in request.questions}
    for by, question in newest.items():
        card = words.replied(asking, request, question, said.text)
        told = (f"{request.notice}:reply:{said.ts}", card, asking.zone)
        await tell_each(ledger, organisation, [by], told, now)
