"""The days ahead, what each of them costs, and when a sum is used up by it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from bot.periods import local_day, midnight

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Slice:
    """What is ahead of a local day, and which part of the day that is."""

    start: datetime
    end: datetime
    weekday: int
    part: float


Priced = tuple[Slice, Decimal]


def slices(now: datetime, until: datetime, zone: str) -> Iterator[Slice]:
    day = local_day(now, zone)
    while (start := midnight(day, zone)) < until:
        end = midnight(day + timedelta(days=1), zone)
        mine, whole = min(end, until) - max(start, now), end - start
        # Samoa left a day out.
        if mine > timedelta(0):
            yield Slice(max(start, now), min(end, until), day.weekday(), mine / whole)
        day += timedelta(days=1)


def with_more(priced: Iterable[Priced], amount: Decimal, until: datetime) -> Iterator[Priced]:
    """With so many USD more, spread evenly from the start up to `until`."""
    pieces = [piece for one, cost in priced for piece in _cut(one, cost, until)]
    span = until - pieces[0][0].start
    for one, cost in pieces:
        yield one, cost + (_part(amount, one.end - one.start, span) if one.end <= until else 0)


def _cut(one: Slice, cost: Decimal, at: datetime) -> Iterator[Priced]:
    if not one.start < at < one.end:
        yield one, cost
        return
    before = _part(cost, at - one.start, one.end - one.start)
    yield replace(one, end=at), before
    yield replace(one, start=at), cost - before


def used_up(priced: Iterable[Priced], left: Decimal) -> datetime | None:
    """When that many USD are spent, unless they last."""
    for one, cost in priced:
        if cost > 0 and left < cost:
            span = (one.end - one.start) // _MICROSECOND
            return one.start + timedelta(microseconds=int(span * left / cost))
        left -= cost
    return None


def _part(amount: Decimal, span: timedelta, of: timedelta) -> Decimal:
    return amount * (span // _MICROSECOND) / (of // _MICROSECOND)
