"""Money that runs above what its whole day was to cost: a rush, in USD an hour.

How long one goes on was read from the hours of nineteen real series, near the ends of their weeks:
half of them two hours, nine of ten no more than six.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from bot.anomalies import Hour
from bot.money import ZERO

GOES_ON = timedelta(hours=2)
# The hour that runs and the one before hold the last sixty minutes.
LOOKS_BACK = timedelta(hours=2)
_AT_MOST = timedelta(hours=6)
_HOUR = timedelta(hours=1)
_MICROSECOND = timedelta(microseconds=1)


def last_hour(hours: Sequence[Hour], now: datetime) -> Decimal:
    """USD in the sixty minutes before `now`, as if the hour that lies partly in them was even."""
    return sum((one.spent * _share(one.start, now) for one in hours), ZERO)


def _share(start: datetime, now: datetime) -> Decimal:
    inside = min(_HOUR, start + 2 * _HOUR - now)
    return _in_hours(max(inside, timedelta(0)))


def rushing(expected: Decimal, so_far: Decimal, last_hour: Decimal) -> Decimal:
    """Of what the last hour cost, no more than lies above what today was expected to cost."""
    return max(min(last_hour, so_far - expected), ZERO)


def more(rush: Decimal, left: timedelta) -> tuple[Decimal, Decimal]:
    """USD on top of the habit while so much of the period is left: expected, and at most."""
    return rush * _in_hours(min(GOES_ON, left)), rush * _in_hours(min(_AT_MOST, left))


def _in_hours(span: timedelta) -> Decimal:
    return Decimal(span // _MICROSECOND) / (_HOUR // _MICROSECOND)
