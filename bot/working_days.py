"""Monday to Friday of a team's own calendar."""

from datetime import date, datetime, time, timedelta

from bot.periods import local_day, local_moment, midnight

_SATURDAY = 5


def is_weekend(day: date) -> bool:
    return day.weekday() >= _SATURDAY


def next_working_day(day: date) -> date:
    following = day + timedelta(days=1)
    while is_weekend(following):
        following += timedelta(days=1)
    return following


def working_days_later(day: date, count: int) -> date:
    for _ in range(count):
        day = next_working_day(day)
    return day


def end_of_next(now: datetime, zone: str) -> datetime:
    """The end of the next working day after the local day of `now` (UTC)."""
    return midnight(next_working_day(local_day(now, zone)) + timedelta(days=1), zone)


def next_morning(now: datetime, zone: str, at: time) -> datetime:
    """`at` on the wall of the next working day (UTC)."""
    day = next_working_day(local_day(now, zone))
    return local_moment(day, at, zone)
