"""Where a period will end if it goes on as it did so far: the plain run-rate."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.levels import course
from bot.money import ZERO
from bot.periods import CapKind, Period, local_day, midnight
from bot.rushes import GOES_ON, more, rushing
from bot.slices import Priced, slices, used_up, with_more

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
class Trail:
    """What a workflow spent: complete `days`, where a missing one cost nothing, and USD in the
    sixty minutes up to now.
    """

    days: Sequence[Day]
    last_hour: Decimal = ZERO


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
    trail: Trail, spent: Decimal, period: Period, zone: str, cap: Decimal, now: datetime
) -> Forecast | None:
    """None before the third day of the period, after its end, and where nothing is known."""
    until = min(period.end, now + AHEAD) if period.kind is CapKind.TOTAL else period.end
    third = midnight(local_day(period.start, zone) + timedelta(days=_FROM_DAY - 1), zone)
    if not third <= now < until:
        return None
    date_now = local_day(now, zone)
    known = _complete(trail.days, date_now)
    ahead = tuple(slices(now, until, zone))
    if not known:
        return _by_pace(spent, Period(period.kind, period.start, until), cap, now)
    unit = max(day.spent for day in known)
    found = course(
        [float(max(day.spent, ZERO) / unit) for day in known],
        [day.day.weekday() for day in known],
        (date_now - local_day(period.start, zone)).days,
        [(one.weekday, one.part) for one in ahead],
    )
    path = [unit * Decimal(part) for part in found.path]
    today = path[0] / Decimal(ahead[0].part)
    so_far = _so_far(known, spent, period, zone, date_now)
    # The hours left have their part of the day, unless the day's money is spent already.
    path[0] = min(path[0], max(today - so_far, ZERO))
    priced = tuple(zip(ahead, path, strict=True))
    told = _Ahead(priced, unit * Decimal(found.error), spent, cap, len(known))
    return _rushed(_told(told), told, rushing(today, so_far, trail.last_hour))


@dataclass(frozen=True)
class _Ahead:
    """USD in each slice as expected, the standard error of their sum, and what they come on top of;
    `known`: the number of days that say so.
    """

    priced: tuple[Priced, ...]
    error: Decimal
    spent: Decimal
    cap: Decimal
    known: int

    @property
    def start(self) -> datetime:
        return self.priced[0][0].start

    @property
    def end(self) -> datetime:
        return self.priced[-1][0].end

    def hits_at(self, expected: Decimal, priced: Iterable[Priced]) -> datetime | None:
        if not self.spent < self.cap <= expected:
            return None
        return used_up(priced, self.cap - self.spent)


def _complete(days: Sequence[Day], today: date) -> tuple[Day, ...]:
    """Every day from the first one with spend up to yesterday."""
    spent: dict[date, Decimal] = defaultdict(lambda: ZERO)
    for one in days:
        spent[one.day] += one.spent
    oldest = _oldest(today)
    first = min((day for day, cost in spent.items() if cost > 0 and day >= oldest), default=today)
    return tuple(
        Day(day, spent[day])
        for day in (first + timedelta(days=n) for n in range((today - first).days))
    )


def _oldest(today: date) -> date:
    return today - timedelta(days=_MOST_DAYS)


def _so_far(
    known: Sequence[Day], spent: Decimal, period: Period, zone: str, today: date
) -> Decimal:
    """What today holds already; nothing that one could tell where the period is older."""
    first = local_day(period.start, zone)
    if first < _oldest(today):
        return ZERO
    return max(spent - sum((day.spent for day in known if day.day >= first), ZERO), ZERO)


def _told(ahead: _Ahead) -> Forecast:
    spent, rest = ahead.spent, sum((cost for _, cost in ahead.priced), ZERO)
    expected, wide = max(spent, spent + rest), ahead.error * _WIDTH
    # As far down in proportion as up: spend is not negative, and has no upper end.
    by = Decimal(math.exp(_spread(wide, rest)))
    low = min(max(spent, spent + rest / by), expected)
    high = max(expected, spent + (rest * by if rest > 0 else wide))
    hits_at = ahead.hits_at(expected, ahead.priced)
    return Forecast(
        expected, low, high, ahead.end, hits_at, _sure(ahead.known, low, expected, high)
    )


def _rushed(quiet: Forecast, ahead: _Ahead, rush: Decimal) -> Forecast:
    """With what is in a rush on top, which may also be over."""
    if rush <= 0:
        return quiet
    usual, most = more(rush, ahead.end - ahead.start)
    expected, high = quiet.expected + usual, quiet.high + most
    priced = with_more(ahead.priced, usual, min(ahead.start + GOES_ON, ahead.end))
    # A breach that is foreseen without it becomes no less sure by it.
    foreseen = quiet.hits_at is not None
    sure = quiet.sure if foreseen else _sure(ahead.known, quiet.low, expected, high)
    hits_at = ahead.hits_at(expected, priced)
    return replace(quiet, expected=expected, high=high, hits_at=hits_at, sure=sure)


def _spread(wide: Decimal, rest: Decimal) -> float:
    return min(float(wide / rest) + _LEAST_WIDTH, _WIDEST) if rest > 0 else 0.0


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
