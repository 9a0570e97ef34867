"""How much a request is about, with what the period was granted before it."""

from datetime import datetime
from decimal import Decimal

from bot.caps import running_period
from bot.money import ZERO
from bot.overrides import Override
from bot.periods import Period
from bot.policy import Policy
from bot.proven import Proven
from bot.request_effects import end_of, touched
from bot.requests import Request, RequestDraft, Standing
from bot.workflows import Workflow


def size(draft: RequestDraft, workflow: Workflow, now: datetime) -> Decimal:
    """USD in all the periods it touches; of a raise for good, what it adds to one."""
    end = end_of(draft, workflow, now)
    return draft.more * (1 if end is None else touched(workflow, draft.cap, now, end))


def is_expedited(draft: RequestDraft, standing: Standing, policy: Policy, now: datetime) -> bool:
    """Proven return spares it the finance it would need otherwise."""
    if standing.proven is None or not _counts(standing.proven, draft, standing):
        return False
    together = size(draft, standing.workflow, now) + granted_already(draft, standing, now)
    return policy.finance_over < together <= policy.expedited_over


def _counts(proven: Proven, draft: RequestDraft, standing: Standing) -> bool:
    """Not for whoever made the mark, nor for what was asked before it."""
    if proven.by in {draft.asked_by, standing.workflow.owner}:
        return False
    if not isinstance(draft, Request):
        return True
    return proven.by != draft.owner and proven.at <= (draft.amended_at or draft.asked_at)


def granted_already(draft: RequestDraft, standing: Standing, now: datetime) -> Decimal:
    """USD granted on this cap for the running period: by overrides that reach into it, ended or
    not, each with all it gives, and by raises of the base within it. So splitting a request avoids
    nobody.
    """
    workflow = standing.workflow
    period = running_period(workflow, draft.cap, now)
    lent = (
        one.amount * touched(workflow, one.cap, one.start, one.end)
        for one in standing.overrides
        if one.cap is draft.cap and _reaches(one, period)
    )
    given = (
        one.more
        for one in standing.raised
        if one.cap is draft.cap and one.answered_at is not None and one.answered_at in period
    )
    return sum(lent, ZERO) + sum(given, ZERO)


def _reaches(override: Override, period: Period) -> bool:
    return override.start < period.end and override.end > period.start
