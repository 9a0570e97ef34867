"""What an approval of a request would do, and does."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from bot.caps import CapState, effective_cap, running_period, tightest
from bot.money import ZERO
from bot.overrides import Override
from bot.periods import CapKind, period_of, same_local_time, zone_now
from bot.requests import NotAskable, Request, RequestDraft, Standing, Until
from bot.workflows import Workflow


@dataclass(frozen=True)
class Effect:
    """What an approval does: the cap (USD) before and after, and until when.

    `end` None is for good: then the amounts are the base cap's. `periods` counts the cap's own
    periods that get the whole amount.
    """

    end: datetime | None
    before: Decimal
    after: Decimal
    periods: int = 1


def end_of(draft: RequestDraft, workflow: Workflow, now: datetime) -> datetime | None:
    """Until when an approval at `now` would last; None for good."""
    if draft.until is Until.PERMANENT:
        return None
    if draft.until is Until.DAYS:
        return same_local_time(now, draft.days or 1, zone_now(workflow.calendars, now))
    if draft.until is Until.PERIOD:
        return running_period(workflow, draft.cap, now).end
    kind = CapKind.WEEKLY if draft.until is Until.WEEK else CapKind.MONTHLY
    return period_of(kind, now, workflow.calendars).end


def effect(draft: RequestDraft, standing: Standing, now: datetime) -> Effect:
    """What an approval at `now` would do. Raises NotAskable when there is no such cap any more."""
    workflow = standing.workflow
    base = workflow.caps.of(draft.cap)
    if base is None:
        raise NotAskable(f"{workflow.key} has no {draft.cap} cap.", field="cap")
    end = end_of(draft, workflow, now)
    if end is None:
        return Effect(None, base, base + draft.more)
    before = effective_cap(workflow, draft.cap, standing.overrides, now) or ZERO
    return Effect(end, before, before + draft.more, touched(workflow, draft.cap, now, end))


def touched(workflow: Workflow, kind: CapKind, start: datetime, end: datetime) -> int:
    """How many of the cap's own periods `[start, end)` reaches into."""
    count, period = 1, running_period(workflow, kind, start)
    while period.end < end:
        period = running_period(workflow, kind, period.end)
        count += 1
    return count


def stops_first(draft: RequestDraft, states: Sequence[CapState]) -> CapState | None:
    """The other cap that is reached before the extra money is spent. One of a shorter period
    starts again before that matters, so it counts only while it is used up.
    """
    mine = next((state for state in states if state.cap.kind is draft.cap), None)
    if mine is None:
        return None
    end = mine.cap.period.end
    others = (state for state in states if state.cap.kind is not draft.cap)
    first = tightest(one for one in others if one.cap.period.end >= end or one.left <= 0)
    return first if first and first.left < mine.left + draft.more else None


def override_of(request: Request, end: datetime, by: str, now: datetime) -> Override:
    """The clock starts at approval."""
    return Override(
        id=f"o-{request.id}",
        workflow=request.workflow,
        cap=request.cap,
        amount=request.more,
        start=now,
        end=end,
        request=request.id,
        granted_by=by,
    )


def raised(request: Request, workflow: Workflow) -> Workflow:
    """The workflow with its base cap higher by what was asked, whatever it has become since."""
    base = workflow.caps.of(request.cap) or ZERO
    return replace(workflow, caps=workflow.caps.having(request.cap, base + request.more))
