"""Times of the day as a person's wall clock shows them."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.names import quoted
from bot.periods import local_moment
from bot.refusal import Refusal

_TIME = re.compile(r"\s*(\d{1,2}):(\d{2})\s*", re.ASCII)
_DAYS_AHEAD = 3


class NotATime(Refusal):
    """No time of the day."""


@dataclass(frozen=True)
class QuietHours:
    """From `start` to `end` on the wall clock, past midnight where `end` is earlier; none where
    both are the same.
    """

    start: time
    end: time

    def __str__(self) -> str:
        return "none" if self == NO_QUIET_HOURS else f"{self.start:%H:%M}-{self.end:%H:%M}"

    def __contains__(self, local: time) -> bool:
        if self.start <= self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end


NO_QUIET_HOURS = QuietHours(time(0), time(0))
NIGHT = QuietHours(time(20), time(7))


def read_time(text: str, *, field: str | None = None) -> time:
    """`09:00`. Raises NotATime."""
    written = _TIME.fullmatch(text)
    try:
        hour, minute = written.groups() if written else ("", "")
        return time(int(hour), int(minute))
    except ValueError:
        raise NotATime(f"{quoted(text)} is no time. Write it like 09:00.", field=field) from None


def read_quiet_hours(text: str, *, field: str | None = None) -> QuietHours:
    """`20:00-07:00`, or `none`. Raises NotATime."""
    if text.strip().lower() == "none":
        return NO_QUIET_HOURS
    start, dash, end = text.replace("\u2013", "-").partition("-")
    if not dash:
        problem = f"{quoted(text)} are no quiet hours. Write them like 20:00-07:00, or none."
        raise NotATime(problem, field=field)
    hours = QuietHours(read_time(start, field=field), read_time(end, field=field))
    if hours.start == hours.end:
        raise NotATime("Quiet hours end at another time than they start.", field=field)
    return hours


def when_loud(hours: QuietHours, zone: str, now: datetime) -> datetime:
    """`now`, or the end of the quiet hours that it falls into (UTC)."""
    if now.astimezone(ZoneInfo(zone)).time() not in hours:
        return now
    return next_time(hours.end, zone, now)


def next_time(at: time, zone: str, now: datetime) -> datetime:
    """The next instant after `now` at which the wall clock shows `at`; where daylight saving
    skips it, as long after midnight as usual. Where it shows it twice, both count.
    """
    today = now.astimezone(ZoneInfo(zone)).date()
    for ahead in range(_DAYS_AHEAD):
        day = today + timedelta(days=ahead)
        for shown in (at.replace(fold=0), at.replace(fold=1)):
            moment = local_moment(day, shown, zone)
            if moment > now:
                return moment
    raise AssertionError(zone)
