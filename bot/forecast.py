"""Where a period will end if it goes on as it did so far: the plain run-rate."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.levels import course
from bot.money import ZERO
from bot.periods import CapKind, Period, local_day, midnight

# Earlier, one call in the morning would promise the end of the month.
ENOUGH = {
    CapKind.DAILY: timedelta(hours=1),
    CapKind.WEEKLY: timedelta(hours=12),
    CapKind.MONTHLY: timedelta(days=1),
    CapKind.TOTAL: timedelta(days=1),
}
# A total cap has no end; a date further off than this is no news.
FAR = timedelta(days=300)
_MICROSECOND = timedelta(microseconds=1)

# Two whole days must lie behind: from the third day of the period on.
_FROM_DAY = 3
_MOST_DAYS = 120
# Standard errors to either side, and a little more, so that four of five outcomes lie inside on
# every series it was judged on: months bring what the history has not seen.
_WIDTH, _LEAST_WIDTH = Decimal("1.55"), 0.02
_WIDEST = 3.0
_HARDLY_KNOWN, _WELL_KNOWN = 14, 28
_NARROW, _WIDE = Decimal("0.25"), Decimal("0.8")
# A total cap has no end: it is looked at so far ahead.
AHEAD = timedelta(days=90)


class Sureness(StrEnum):
    LOW = "low"
    FAIR = "fair"
    GOOD = "good"


@dataclass(frozen=True)
class Day:
    """A complete day of the team's calendar and what was spent in it, in USD."""

    day: date
    spent: Decimal


@dataclass(frozen=True)
class Forecast:
    """USD spent by `until`, the period's end (a total cap's: at most `AHEAD`): `expected`, and the
    range that holds four of five outcomes. `hits_at`: when the cap is reached before, as expected.
    """

    expected: Decimal
    low: Decimal
    high: Decimal
    until: datetime
    hits_at: datetime | None
    sure: Sureness


@dataclass(frozen=True)
class Pace:
    """`per_day` USD in 24 hours. `hits_at`: when the cap is used up so, inside the period."""

    per_day: Decimal
    hits_at: datetime | None

    @property
    def per_hour(self) -> Decimal:
        return self.per_day / 24


def pace(spent: Decimal, cap: Decimal, period: Period, now: datetime) -> Pace | None:
    """None before enough of the period has passed, and where nothing was spent."""
    elapsed = now - period.start
    if elapsed < ENOUGH[period.kind] or spent <= 0:
        return None
    per_day = spent * _micros(timedelta(days=1)) / _micros(elapsed)
    return Pace(per_day, _hits_at(spent, cap, period, now))


def _hits_at(spent: Decimal, cap: Decimal, period: Period, now: datetime) -> datetime | None:
    if spent >= cap:
        return None
    needed = _micros(now - period.start) * cap / spent
    if needed >= min(_micros(period.end - period.start), _micros(now + FAR - period.start)):
        return None
    return period.start + timedelta(microseconds=int(needed))


def _micros(span: timedelta) -> int:
    return span // _MICROSECOND


def forecast(
    days: Sequence[Day], spent: Decimal, period: Period, zone: str, cap: Decimal, now: datetime
) -> Forecast | None:
    """None before the third day of the period, after its end, and where nothing is known.

    A day that is missing among `days` is one on which nothing was spent.
    """
    until = min(period.end, now + AHEAD) if period.kind is CapKind.TOTAL else period.end
    third = midnight(local_day(period.start, zone) + timedelta(days=_FROM_DAY - 1), zone)
    if not third <= now < until:
        return None
    known = _complete(days, local_day(now, zone))
    ahead = tuple(_slices(now, until, zone))
    if not known:
        return _by_pace(spent, Period(period.kind, period.start, until), cap, now)
    unit = max(day.spent for day in known)
    found = course(
        [float(max(day.spent, ZERO) / unit) for day in known],
        [day.day.weekday() for day in known],
        (local_day(now, zone) - local_day(period.start, zone)).days,
        [(one.weekday, one.part) for one in ahead],
    )
    path = [unit * Decimal(part) for part in found.path]
    path[0] = _rest_of_today(path[0], ahead[0].part, _so_far(known, spent, period, zone))
    return _told(_Ahead(ahead, tuple(path), unit * Decimal(found.error)), spent, cap, len(known))


@dataclass(frozen=True)
class _Slice:
    """What is ahead of a local day, and which part of the day that is."""

    start: datetime
    end: datetime
    weekday: int
    part: float


@dataclass(frozen=True)
class _Ahead:
    """USD in each slice as expected, and the standard error of their sum."""

    slices: tuple[_Slice, ...]
    path: tuple[Decimal, ...]
    error: Decimal


def _complete(days: Sequence[Day], today: date) -> tuple[Day, ...]:
    """Every day from the first one with spend up to yesterday."""
    spent: dict[date, Decimal] = defaultdict(lambda: ZERO)
    for one in days:
        spent[one.day] += one.spent
    oldest = today - timedelta(days=_MOST_DAYS)
    first = min((day for day, cost in spent.items() if cost > 0 and day >= oldest), default=today)
    return tuple(
        Day(day, spent[day])
        for day in (first + timedelta(days=n) for n in range((today - first).days))
    )


def _slices(now: datetime, until: datetime, zone: str) -> Iterator[_Slice]:
    day = local_day(now, zone)
    while (start := midnight(day, zone)) < until:
        end = midnight(day + timedelta(days=1), zone)
        mine, whole = min(end, until) - max(start, now), end - start
        # Samoa left a day out.
        if mine > timedelta(0):
            yield _Slice(max(start, now), min(end, until), day.weekday(), mine / whole)
        day += timedelta(days=1)


def _so_far(known: Sequence[Day], spent: Decimal, period: Period, zone: str) -> Decimal:
    """What today holds already; nothing that one could tell where the period is older."""
    first = local_day(period.start, zone)
    if len(known) >= _MOST_DAYS and first < known[0].day:
        return ZERO
    return max(spent - sum((day.spent for day in known if day.day >= first), ZERO), ZERO)


def _rest_of_today(expected: Decimal, part: float, so_far: Decimal) -> Decimal:
    """The hours left have their part of the day, unless the day's money is spent already."""
    whole = expected / Decimal(part)
    return min(expected, max(whole - so_far, ZERO))


def _told(ahead: _Ahead, spent: Decimal, cap: Decimal, known: int) -> Forecast:
    rest = sum(ahead.path, ZERO)
    expected, wide = max(spent, spent + rest), ahead.error * _WIDTH
    # As far down in proportion as up: spend is not negative, and has no upper end.
    by = Decimal(math.exp(_spread(wide, rest)))
    low = min(max(spent, spent + rest / by), expected)
    high = max(expected, spent + (rest * by if rest > 0 else wide))
    hits_at = _reached(ahead, spent, cap) if expected >= cap > spent else None
    return Forecast(
        expected, low, high, ahead.slices[-1].end, hits_at, _sure(known, low, expected, high)
    )


def _spread(wide: Decimal, rest: Decimal) -> float:
    return min(float(wide / rest) + _LEAST_WIDTH, _WIDEST) if rest > 0 else 0.0


def _reached(ahead: _Ahead, spent: Decimal, cap: Decimal) -> datetime | None:
    left = cap - spent
    for one, cost in zip(ahead.slices, ahead.path, strict=True):
        if cost > 0 and left < cost:
            return one.start + timedelta(
                microseconds=int(_micros(one.end - one.start) * left / cost)
            )
        left -= cost
    return None


def _sure(known: int, low: Decimal, expected: Decimal, high: Decimal) -> Sureness:
    wide = (high - low) / expected if expected > 0 else Decimal(1)
    if known >= _WELL_KNOWN and wide <= _NARROW:
        return Sureness.GOOD
    if known < _HARDLY_KNOWN or wide > _WIDE:
        return Sureness.LOW
    return Sureness.FAIR


def _by_pace(spent: Decimal, period: Period, cap: Decimal, now: datetime) -> Forecast | None:
    """Of a workflow's first day."""
    if spent <= 0:
        return None
    expected = spent * _micros(period.end - period.start) / _micros(now - period.start)
    hits_at = _hits_at(spent, cap, period, now) if expected >= cap else None
    return Forecast(expected, spent, expected * 2 - spent, period.end, hits_at, Sureness.LOW)
