from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.calendars import calendars_of
from bot.caps import running_period
from bot.periods import CapKind
from bot.policy import Organisation
from bot.workflows import Workflow


def counting(workflow: Workflow, organisation: Organisation) -> Workflow:
    """With a calendar, also before it has one of its own."""
    return replace(workflow, calendars=workflow.calendars or calendars_of(organisation.policy))


def nobodys(organisation: Organisation) -> Workflow:
    """As what belongs to no workflow is counted."""
    return counting(Workflow("", "", ""), organisation)


def open_months(
    workflows: Iterable[Workflow], organisation: Organisation, now: datetime
) -> dict[str, datetime]:
    """When the running month of each began; under '' that of what is nobody's."""
    known = (*workflows, nobodys(organisation))
    return {
        one.key: running_period(counting(one, organisation), CapKind.MONTHLY, now).start
        for one in known
    }
