"""Where a period will end if it goes on as it did so far: the plain run-rate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

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
    """None before the third day of the period, after its end, and where nothing is known."""
    third = midnight(local_day(period.start, zone) + timedelta(days=_FROM_DAY - 1), zone)
    until = min(period.end, now + AHEAD) if period.kind is CapKind.TOTAL else period.end
    if not third <= now < until or (spent <= 0 and not any(day.spent > 0 for day in days)):
        return None
    expected = max(spent, spent * _micros(until - period.start) / _micros(now - period.start))
    hits_at = _hits_at(spent, cap, period, now) if expected >= cap > spent > 0 else None
    return Forecast(expected, spent, expected * 2 - spent, until, hits_at, Sureness.LOW)
