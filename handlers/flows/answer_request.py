from dataclasses import replace
from datetime import datetime

from bot.approval import check_may_answer, lessened, read_denial, read_reason
from bot.askable import check_grantable
from bot.chain import chain_for
from bot.policy import Organisation
from bot.raise_limits import beyond_limits
from bot.requests import Approval, Reply, Request, Standing, State, ended
from handlers.steps.end_request import end_request
from handlers.steps.grant_request import grant_request
from handlers.steps.pass_on import pass_on
from handlers.steps.request_standing import request_standing
from handlers.steps.waiting_request import check_shown, too_late, waiting_request
from storage.ledger import Ledger


async def answer_request(
    reply: Reply, ledger: Ledger, organisation: Organisation, now: datetime
) -> Request:
    """Yes, less or no, by whoever may say it today: to the step that waits. The first answer
    counts; the last yes grants. Raises Refusal.
    """
    request, standing = await check_answer(reply, ledger, organisation, now, lock=True)
    if reply.verdict is State.DENIED:
        return await _deny(reply, request, standing, ledger, now)
    return await _approve(reply, (request, standing), ledger, organisation, now)


async def check_answer(
    reply: Reply,
    ledger: Ledger,
    organisation: Organisation,
    now: datetime,
    *,
    lock: bool = False,
) -> tuple[Request, Standing]:
    """The request and what it stands against. Raises Refusal when this person may not answer."""
    request = await waiting_request(ledger, reply, now, lock=lock)
    standing = await request_standing(ledger, request.workflow)
    chain = chain_for(request, standing, organisation, now)
    check_may_answer(reply.by, request, standing, chain)
    return request, standing


def _meant(
    reply: Reply, known: tuple[Request, Standing], organisation: Organisation, now: datetime
) -> Request:
    """What the yes is to. Raises Refusal: other terms than those asked obey the limits, too."""
    request, standing = known
    if reply.less is None:
        return request
    less = lessened(request, reply.less, standing, now)
    for problem in beyond_limits(less, standing, organisation.policy, now):
        raise problem
    return less


async def _deny(
    reply: Reply, request: Request, standing: Standing, ledger: Ledger, now: datetime
) -> Request:
    reason = read_denial(reply.reason)
    denied = ended(request, State.DENIED, reply.by, now, answer=reason)
    if not await end_request(ledger, denied, standing.workflow, now):
        raise await too_late(ledger, request, now)
    return denied


async def _approve(
    reply: Reply,
    known: tuple[Request, Standing],
    ledger: Ledger,
    organisation: Organisation,
    now: datetime,
) -> Request:
    request, standing = known
    reason = read_reason(reply.reason)
    meant = _meant(reply, known, organisation, now)
    check_grantable(meant, standing, now)
    await check_shown(ledger, request, standing, now)
    chain = chain_for(meant, standing, organisation, now)
    acting = check_may_answer(reply.by, meant, standing, chain)
    approval = Approval(chain.running.step, acting.person, acting.instead_of, now)
    agreed = replace(meant, approvals=(*meant.approvals, approval))
    following = chain.agreed(approval).waits
    if following is not None:
        moved = await pass_on(
            ledger, organisation, (request, agreed), following, now, reason=reason
        )
        if moved is None:
            raise await too_late(ledger, request, now)
        return moved
    approved = ended(agreed, State.APPROVED, reply.by, now, answer=reason)
    if not await grant_request(ledger, organisation, approved, standing, now):
        raise await too_late(ledger, request, now)
    return approved
