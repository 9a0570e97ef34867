from datetime import datetime

from bot.calendars import calendars_of
from bot.periods import CapKind, Period, period_of
from bot.policy import Organisation


def running_month(organisation: Organisation, now: datetime) -> Period:
    """The organisation's, in which what belongs to no workflow is counted."""
    return period_of(CapKind.MONTHLY, now, calendars_of(organisation.policy))
