"""Spend to look at before any threshold says so: burning too fast, far above its own habit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bot.periods import CapKind, Period

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
    """None where there is no rate to speak of, and of a total cap: it has no end to be early for.

    The multi-window alerts of Google's *Site Reliability Workbook* (chapter 5) weigh the same two:
    how many times too fast, and how much of the budget that has really taken.
    """
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
    """`spent` USD since `start`, where `usual` is the habit; it began at `since`."""

    start: datetime
    spent: Decimal
    usual: Decimal
    since: datetime


def spiking(hours: Sequence[Hour], zone: str, floor: Decimal, now: datetime) -> Spike | None:
    """The episode that goes on at `now`; None where there is no habit yet to be far above."""
    return None
