from datetime import datetime

from bot.approval import approvers_for, check_may_answer, read_denial
from bot.askable import check_grantable
from bot.policy import Organisation
from bot.requests import (
    Effect,
    Reply,
    Request,
    Standing,
    State,
    effect,
    ended,
    override_of,
    raised,
)
from bot.workflows import Workflow
from handlers.steps.end_request import end_request, ending_of, tell_end
from handlers.steps.request_standing import request_standing
from handlers.steps.save_workflow import save_workflow
from handlers.steps.tell_cap_change import tell_cap_change
from handlers.steps.waiting_request import too_late, waiting_request
from storage.ledger import Ledger


async def answer_request(
    reply: Reply, ledger: Ledger, organisation: Organisation, now: datetime
) -> Request:
    """Yes or no, by whoever may say it today. The first answer counts. Raises Refusal."""
    request, standing = await check_answer(reply, ledger, organisation, now)
    if reply.verdict is State.DENIED:
        return await _deny(reply, request, standing, ledger, now)
    return await _approve(reply, request, standing, ledger, organisation, now)


async def check_answer(
    reply: Reply, ledger: Ledger, organisation: Organisation, now: datetime
) -> tuple[Request, Standing]:
    """The request and what it stands against. Raises Refusal when this person may not answer."""
    request = await waiting_request(ledger, reply, now)
    standing = await request_standing(ledger, request.workflow)
    approvers = approvers_for(request, standing, organisation, now)
    check_may_answer(reply.by, request, standing, approvers)
    return request, standing


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
    request: Request,
    standing: Standing,
    ledger: Ledger,
    organisation: Organisation,
    now: datetime,
) -> Request:
    check_grantable(request, standing, now)
    approved = ended(request, State.APPROVED, reply.by, now)
    if not await ledger.requests.end(approved):
        raise await too_late(ledger, request, now)
    gives = effect(request, standing, now)
    after = await _grant(approved, gives, standing, ledger, now)
    change = await tell_cap_change(
        ledger,
        organisation,
        standing.workflow,
        after,
        now,
        said_by=request.notice,
        overrides_before=standing.overrides,
    )
    ending = ending_of(approved, after, now, gives, change.sentences)
    await tell_end(ledger, ending, now)
    return approved


async def _grant(
    approved: Request, gives: Effect, standing: Standing, ledger: Ledger, now: datetime
) -> Workflow:
    """The workflow as it is with the override, or with its base raised."""
    before, by = standing.workflow, approved.answered_by or ""
    if gives.end is not None:
        await ledger.overrides.add(override_of(approved, gives.end, by, now))
        return before
    return await save_workflow(
        ledger,
        before,
        raised(approved, before),
        by=by,
        what=f"raised the {approved.cap} cap",
        reason=approved.reason,
        now=now,
    )
