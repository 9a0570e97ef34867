"""Spend to look at before any threshold says so: burning too fast, far above its own habit.

A burn rate weighs what the multi-window alerts of Google's *Site Reliability Workbook* (chapter 5)
weigh: how many times too fast, and how much of the budget that has really taken. A spike is far
above the median by medians of deviations, which a few wild days do not move (Iglewicz & Hoaglin,
*How to Detect and Handle Outliers*, 1993), of the same hours on days of the same kind.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median
from zoneinfo import ZoneInfo

from bot.money import ZERO
from bot.periods import CapKind, Period, midnight
from bot.working_days import is_weekend

# How far back "lately" reaches: long enough that one busy hour of a month is none.
LATELY = {
    CapKind.DAILY: timedelta(hours=2),
    CapKind.WEEKLY: timedelta(hours=24),
    CapKind.MONTHLY: timedelta(hours=48),
}
# "A month's money in a week".
_TIMES = 4
# A tenth of the cap must really be gone: a rate alone is a promise from one morning.
_SHARE = 10

# How far back the habit reaches, and how much of it must be known.
HABIT = timedelta(days=28)
_LEAST_DAYS = 7
_LEAST_ALIKE = 4
# What comes again within a day is the same episode.
SAME = timedelta(hours=24)
_DEVIATIONS = 10
_NORMAL_MAD = Decimal("0.6745")
_LEAST_DEVIATION = Decimal("0.1")
_TIMES_USUAL = 3
_RARE = Decimal("0.95")
# One hour counts only if it costs so much of a whole usual day more than usual.
_OF_A_DAY = Decimal("0.25")


@dataclass(frozen=True)
class Burn:
    """`spent` USD in `over`: at that rate the whole `cap` lasts `lasts`, `times` too short."""

    spent: Decimal
    over: timedelta
    cap: Decimal
    lasts: timedelta
    times: Decimal


def burning(
    spent_lately: Decimal, over: timedelta, cap: Decimal, period: Period, floor: Decimal
) -> Burn | None:
    """None where there is no rate to speak of. A total cap has no end to be early for."""
    if period.kind is CapKind.TOTAL or cap <= 0 or over <= timedelta(0):
        return None
    if spent_lately < floor or spent_lately <= 0 or spent_lately * _SHARE < cap:
        return None
    times = spent_lately / cap * _ratio(period.end - period.start, over)
    if times < _TIMES:
        return None
    lasts = timedelta(microseconds=int(_micros(over) * cap / spent_lately))
    return Burn(spent_lately, over, cap, lasts, times)


def _ratio(span: timedelta, other: timedelta) -> Decimal:
    return Decimal(_micros(span)) / Decimal(_micros(other))


def _micros(span: timedelta) -> int:
    return span // timedelta(microseconds=1)


@dataclass(frozen=True)
class Hour:
    """An hour and what was spent in it, USD; the running one may be among them."""

    start: datetime
    spent: Decimal


@dataclass(frozen=True)
class Spike:
    """`spent` USD in the hour (or day) from `start`, where `usual` is the habit. The episode began
    at `since`.
    """

    start: datetime
    spent: Decimal
    usual: Decimal
    since: datetime
    whole_day: bool = False


def spiking(hours: Sequence[Hour], zone: str, floor: Decimal, now: datetime) -> Spike | None:
    """What is far above its habit in the hour of `now` or the day so far, by at least `floor`;
    None before a week is known.
    """
    known = _Habit(hours, zone, floor)
    found = known.at(now)
    return None if found is None else replace(found, since=known.since(found))


class _Habit:
    """What was spent by local hour and day."""

    def __init__(self, hours: Sequence[Hour], zone: str, floor: Decimal) -> None:
        self._zone, self._floor = zone, floor
        self._hours: dict[tuple[date, int], Decimal] = defaultdict(lambda: ZERO)
        self._days: dict[date, Decimal] = defaultdict(lambda: ZERO)
        self._starts: dict[tuple[date, int], datetime] = {}
        for one in hours:
            local = one.start.astimezone(ZoneInfo(zone))
            slot = local.date(), local.hour
            self._starts.setdefault(slot, one.start)
            self._hours[slot] += one.spent
            self._days[local.date()] += one.spent
        self._first = min((day for day, cost in self._days.items() if cost > 0), default=date.max)

    def at(self, moment: datetime) -> Spike | None:
        local = moment.astimezone(ZoneInfo(self._zone))
        return self._in_hour(local.date(), local.hour) or self._in_day(local.date())

    def since(self, spike: Spike) -> datetime:
        """The first of the hours that followed one another within a day."""
        began = spike.start
        for (day, hour), start in sorted(self._starts.items(), reverse=True):
            if start < began - SAME:
                break
            if start < began and self._in_hour(day, hour):
                began = start
        return began

    def _in_hour(self, day: date, hour: int) -> Spike | None:
        alike = self._alike(day)
        around = [self._hours.get((one, at), ZERO) for one in alike for at in _around(hour)]
        least = self._usual_day(alike) * _OF_A_DAY
        spent = self._hours.get((day, hour), ZERO)
        if not alike or not _far_above(spent, around, max(least, self._floor)):
            return None
        start = self._starts[day, hour]
        return Spike(start, spent, median(around), start)

    def _in_day(self, day: date) -> Spike | None:
        alike = self._alike(day)
        totals = [self._days.get(one, ZERO) for one in alike]
        spent = self._days.get(day, ZERO)
        if not alike or not _far_above(spent, totals, self._floor):
            return None
        start = midnight(day, self._zone)
        return Spike(start, spent, median(totals), start, whole_day=True)

    def _usual_day(self, alike: Sequence[date]) -> Decimal:
        return median(self._days.get(day, ZERO) for day in alike) if alike else ZERO

    def _alike(self, day: date) -> tuple[date, ...]:
        """Earlier days of its kind; of both kinds where there are too few; none too early."""
        known = [one for one in _before(day) if one >= self._first]
        if len(known) < _LEAST_DAYS:
            return ()
        same = tuple(one for one in known if is_weekend(one) == is_weekend(day))
        return same if len(same) >= _LEAST_ALIKE else tuple(known)


def _before(day: date) -> Iterator[date]:
    return (day - timedelta(days=n) for n in range(1, HABIT.days + 1))


def _around(hour: int) -> range:
    """An hour earlier or later is no news."""
    return range(max(hour - 1, 0), min(hour + 1, 23) + 1)


def _far_above(spent: Decimal, usually: Sequence[Decimal], least: Decimal) -> bool:
    usual = median(usually)
    if spent - usual < least or spent <= 0 or spent < usual * _TIMES_USUAL:
        return False
    rare = sorted(usually)[int(_RARE * (len(usually) - 1))]
    deviation = median(abs(one - usual) for one in usually) / _NORMAL_MAD
    return spent > rare and spent - usual >= _DEVIATIONS * max(deviation, usual * _LEAST_DEVIATION)
