from datetime import datetime

from bot.approval import check_may_answer
from bot.cards import request_words as words
from bot.chain import chain_for
from bot.policy import Organisation
from bot.questions import read_question, with_question
from bot.requests import Question, Reply, Request
from handlers.steps.request_standing import request_standing
from handlers.steps.tell_request import record, redraw, tell_each
from handlers.steps.waiting_request import too_late, waiting_request
from storage.ledger import Ledger


async def ask_back(
    reply: Reply, ledger: Ledger, organisation: Organisation, now: datetime
) -> Request:
    """`reply.reason` is asked of the requester, in the request's thread. The clocks run on.

    Raises Refusal.
    """
    request = await waiting_request(ledger, reply, now, lock=True)
    standing = await request_standing(ledger, request.workflow)
    chain = chain_for(request, standing, organisation, now)
    check_may_answer(reply.by, request, standing, chain)
    question = Question(read_question(reply.reason), reply.by, now)
    saved = await ledger.requests.save(with_question(request, question))
    if saved is None:
        raise await too_late(ledger, request, now)
    said = "asked about the request"
    await record(ledger, (request, saved), reply.by, said, now, reason=question.text)
    await _say(ledger, organisation, saved, question, now)
    return saved


async def _say(
    ledger: Ledger,
    organisation: Organisation,
    request: Request,
    question: Question,
    now: datetime,
) -> None:
    asking = await redraw(ledger, organisation, request, now)
    if asking is None:
        return
    key = f"{request.notice}:question:{request.version}"
    card = words.asked_back(asking, request, question)
    await ledger.notices.post(key, request.channel, card, now, under=request.notice)
    told = (key, words.asked_you(asking, request, question), asking.zone)
    await tell_each(ledger, organisation, [request.asked_by], told, now)
