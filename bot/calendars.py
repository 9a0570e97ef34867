"""In whose days spend is counted that has no team's."""

from bot.periods import BEGINNING, Calendar
from bot.policy import Policy


def calendars_of(policy: Policy) -> tuple[Calendar, ...]:
    """What belongs to no team is counted in the organisation's days."""
    return (Calendar(BEGINNING, policy.timezone, policy.week_start),)
