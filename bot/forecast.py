"""Where a period will end if it goes on as it did so far: the plain run-rate."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bot.periods import CapKind, Period

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
