from datetime import datetime

from bot.caps import running_period
from bot.periods import BEGINNING, Calendar, CapKind, Period
from bot.policy import Organisation
from bot.workflows import Workflow


def running_month(organisation: Organisation, now: datetime) -> Period:
    """The organisation's, in which what belongs to no workflow is counted."""
    policy = organisation.policy
    calendar = Calendar(BEGINNING, policy.timezone, policy.week_start)
    return running_period(Workflow("", "", "", calendars=(calendar,)), CapKind.MONTHLY, now)
