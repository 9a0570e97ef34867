"""Monday to Friday of a team's own calendar."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.periods import local_day, midnight

_SATURDAY = 5


def next_working_day(day: date) -> date:
    following = day + timedelta(days=1)
    while following.weekday() >= _SATURDAY:
        following += timedelta(days=1)
    return following


def end_of_next(now: datetime, zone: str) -> datetime:
    """The end of the next working day after the local day of `now` (UTC)."""
    return midnight(next_working_day(local_day(now, zone)) + timedelta(days=1), zone)


def next_morning(now: datetime, zone: str, at: time) -> datetime:
    """`at` on the wall of the next working day (UTC)."""
    day = next_working_day(local_day(now, zone))
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)
