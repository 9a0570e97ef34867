"""Is a source silent longer than it uses to be? Each is measured by its own habit."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise

from bot.sources import BY_HAND, Kind

HOUR = timedelta(hours=1)
# What a habit is read from: four weeks before the last arrival.
LOOKED_BACK = timedelta(weeks=4)
# Two weeks of it have to be known; until then a source may be silent for so long.
_KNOWN = 14 * 24
YOUNG = timedelta(hours=72)
# Where it came in fewer hours than these, it may come once a week, and a day late.
_FEW = 3
NEW = timedelta(days=8)
_WEEK = 7 * 24
# How much longer than its usual longest pause. What comes at random has a pause of twice its
# longest of four weeks about once a year.
_LONGER = 2.0
# With so many pauses the longest may have been an outage: the second longest is usual.
_MANY = 20
# A clock that is put forward or back moves everything by an hour: so much later may come what is
# rare, and one may be missed of what comes hour by hour.
_GRACE = 1
_OFTEN = 4
_ALMOST = 1e-9


@dataclass(frozen=True)
class Habit:
    """`hours`, counted since 1970, in which something arrived: in order, of four weeks at most."""

    hours: tuple[int, ...]

    @property
    def is_known(self) -> bool:
        return self.hours[-1] - self.hours[0] >= _KNOWN and len(self.hours) >= _FEW

    def expected(self, hour: int, *, besides: int = 0) -> float:
        """How likely something arrives: in how many weeks something did at this hour of the week.
        `besides`: so many weeks are left out, in which nothing did.
        """
        weeks = self._weeks(hour) - besides
        return min(1.0, self._arrived[hour % _WEEK] / weeks) if weeks > 0 else 0.0

    @cached_property
    def longest(self) -> float:
        """The longest pause that is usual, in arrivals that were to be expected meanwhile."""
        pauses = sorted((self._missed(*pair) for pair in pairwise(self.hours)), reverse=True)
        return pauses[1] if len(pauses) >= _MANY else pauses[0]

    def overdue(self) -> int:
        """The hour at whose end something was to have come for certain, and did not."""
        missed, hour = 0.0, self.hours[-1]
        least = 2.0 if self.comes_often else 1.0
        allowed = max(least, self.longest * _LONGER) - _ALMOST
        while missed < allowed:
            hour += 1
            missed += self.expected(hour)
        return hour if self.comes_often else hour + _GRACE

    @property
    def comes_often(self) -> bool:
        """Several times on a day on which it comes at all."""
        return len(self.hours) >= _OFTEN * len({hour // 24 for hour in self.hours})

    @cached_property
    def _arrived(self) -> Counter[int]:
        return Counter(hour % _WEEK for hour in self.hours)

    def _weeks(self, hour: int) -> int:
        """How often this hour of the week has been since the first arrival, up to the last."""
        first = self.hours[0]
        return (self.hours[-1] - first - (hour - first) % _WEEK) // _WEEK + 1

    def _missed(self, before: int, after: int) -> float:
        return sum(self.expected(hour, besides=1) for hour in range(before + 1, after))


def silent_from(arrivals: Iterable[datetime], kind: Kind) -> datetime | None:
    """From when on a source that says no more is silent, by the hours in which something arrived.
    Never sooner than an hour after the last. None where nobody is expected to send again.
    """
    habit = Habit(_lately(arrivals))
    if not habit.hours or kind in BY_HAND:
        return None
    last = _moment(habit.hours[-1])
    if habit.is_known:
        return _moment(habit.overdue() + 1)
    return last + HOUR + (YOUNG if len(habit.hours) >= _FEW else NEW)


def _lately(arrivals: Iterable[datetime]) -> tuple[int, ...]:
    hours: Sequence[int] = sorted({int(one.timestamp()) // 3600 for one in arrivals})
    return tuple(hour for hour in hours if hour > hours[-1] - LOOKED_BACK // HOUR)


def _moment(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * 3600, UTC)
