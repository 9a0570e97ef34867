"""In whose days spend is counted, also where no team says so, and which months run."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from bot.caps import running_period
from bot.periods import BEGINNING, Calendar, CapKind, Period, midnight, period_of
from bot.policy import Policy
from bot.refusal import Refusal
from bot.workflows import Workflow


def calendars_of(policy: Policy) -> tuple[Calendar, ...]:
    """What belongs to no team is counted in the organisation's days."""
    return (Calendar(BEGINNING, policy.timezone, policy.week_start),)


def counting(workflow: Workflow, policy: Policy) -> Workflow:
    """With a calendar, also before it has one of its own."""
    return replace(workflow, calendars=workflow.calendars or calendars_of(policy))


def nobodys(policy: Policy) -> Workflow:
    """As what belongs to no workflow is counted."""
    return counting(Workflow("", "", ""), policy)


def running_month(policy: Policy, moment: datetime) -> Period:
    """The organisation's, in which what belongs to no workflow is counted."""
    return period_of(CapKind.MONTHLY, moment, calendars_of(policy))


def month_from(first: date | None, policy: Policy, now: datetime) -> Period:
    """The organisation's that begins on this day; the running one without. Raises Refusal of one
    that is ahead.
    """
    start = now if first is None else midnight(first, policy.timezone)
    if start > now:
        raise Refusal(f"{first:%B %Y} is ahead: nothing is spent in it yet.")
    return running_month(policy, start)


def open_months(
    workflows: Iterable[Workflow], policy: Policy, now: datetime
) -> dict[str, datetime]:
    """When the running month of each began; under '' that of what is nobody's."""
    return {
        one.key: running_period(counting(one, policy), CapKind.MONTHLY, now).start
        for one in (*workflows, nobodys(policy))
    }
