from dataclasses import dataclass, replace
from datetime import datetime

from bot.approval import approvers_for
from bot.changes import INSTEAD_OF, Change
from bot.people import stood_in_for
from bot.periods import local_day
from bot.policy import Organisation
from bot.requests import State, ended, raises
from bot.review_answers import answered, answering, requests_to_withdraw
from bot.review_decisions import Cap, Decision, words
from bot.review_weeks import say_week
from bot.reviews import Review, Said
from bot.workflows import Workflow
from handlers.steps.end_request import end_request
from handlers.steps.open_request import open_request
from handlers.steps.request_standing import request_standing
from handlers.steps.save_workflow import save_workflow
from handlers.steps.tell_lowered_cap import tell_lowered_cap
from storage.ledger import Ledger


@dataclass(frozen=True)
class _Act:
    """Who does what, and why, as the audit trail keeps it."""

    by: str
    what: str
    reason: str
    now: datetime
    instead_of: str | None = None


async def apply_decision(
    ledger: Ledger, organisation: Organisation, review: Review, said: Said, now: datetime
) -> tuple[Decision, Workflow]:
    """Change the registry as the answer says; the answer with what it replaced, and the workflow
    it left. Raises Refusal.
    """
    item, before = review.item(said.workflow), await ledger.workflows.get(said.workflow)
    for request in requests_to_withdraw(item, said.decision):
        await _withdraw(ledger, before, request, said.by, now)
    after, applied = answered(before, item, said.decision, now)
    zone = (await ledger.teams.get(review.team)).zone(organisation)
    after = replace(after, last_review_date=local_day(now, zone))
    reason = f"weekly review {say_week(review.week, zone)}"
    able = answering(before, await ledger.teams.get(before.team), organisation, now)
    act = _Act(said.by, words(applied), reason, now, stood_in_for(said.by, able))
    saved = await _save(ledger, before, after, act)
    if isinstance(applied, Cap) and applied.raises:
        return await _ask(ledger, organisation, saved, applied, act), saved
    if isinstance(applied, Cap):
        sides = before, saved
        await tell_lowered_cap(ledger, organisation, sides, (review, item), said.by, now)
    return applied, saved


async def _save(ledger: Ledger, before: Workflow, after: Workflow, act: _Act) -> Workflow:
    saved = await save_workflow(
        ledger,
        before,
        after,
        by=act.by,
        what=act.what,
        reason=act.reason,
        now=act.now,
        instead_of=act.instead_of,
    )
    if saved is before:
        # Nothing differs, and still somebody answered for it.
        acted = {INSTEAD_OF: act.instead_of} if act.instead_of else {}
        change = Change(act.now, act.by, before.key, act.what, {}, acted, act.reason)
        await ledger.changes.add(change)
    return saved


async def _ask(
    ledger: Ledger, organisation: Organisation, workflow: Workflow, cap: Cap, act: _Act
) -> Cap:
    """A raise waits for whoever may grant it."""
    wanted = workflow.caps.having(cap.kind, cap.amount)
    drafts = [
        d for d in raises(workflow, wanted, by=act.by, reason=act.reason) if d.cap is cap.kind
    ]
    request = await open_request(ledger, organisation, drafts[0], act.now)
    standing = await request_standing(ledger, workflow.key)
    approvers = approvers_for(request, standing, organisation, act.now)
    return replace(cap, request=request.id, asked_of=approvers.people)


async def _withdraw(
    ledger: Ledger, workflow: Workflow, request: str, by: str, now: datetime
) -> None:
    """What this answer replaces is no longer asked for by this person, unless it was answered."""
    asked = await ledger.requests.get(request)
    if asked.asked_by == by and asked.state is State.WAITING:
        await end_request(ledger, ended(asked, State.WITHDRAWN, by, now), workflow, now)
