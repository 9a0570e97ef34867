"""One line of a bill: what a vendor charges for a stretch of time, and what it says of whom."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from bot.attribution import NO_CLUES, Clues, Trace
from bot.money import ZERO, from_nanos, to_nanos
from bot.sources import Kind

DAY = timedelta(days=1)
# A tag that begins so is what the caller calls its workflow.
NAMES = "workflow:"
_TICK = timedelta(microseconds=1)


class Category(StrEnum):
    """FOCUS's ChargeCategory."""

    USAGE = "usage"
    PURCHASE = "purchase"
    TAX = "tax"
    CREDIT = "credit"
    ADJUSTMENT = "adjustment"


class Charge(msgspec.Struct, frozen=True, gc=False):
    """`id` is the source's own or made of what tells its lines apart: the same line, the same id.

    `[start, end)` in UTC. `cost` is what is charged in USD, exact; negative for credits.
    `list_cost` is the list price, where the source tells both: what a plan includes costs 0 and has
    a list price. `final`: the vendor does not change it any more. `account` is the vendor's billing
    account, the provider's name where there is only one.
    """

    id: str
    account: str
    start: datetime
    end: datetime
    cost: Decimal
    final: bool
    provider: str = ""
    model: str = ""
    item: str = ""
    person: str = ""
    clues: Clues = NO_CLUES
    tags: tuple[str, ...] = ()
    category: Category = Category.USAGE
    list_cost: Decimal | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    requests: int | None = None

    def trace(self, source: str) -> Trace:
        return trace_of(self.clues, self.tags, self.person, source)


def trace_of(clues: Clues, tags: tuple[str, ...], person: str, source: str) -> Trace:
    declared = next((one[len(NAMES) :] for one in tags if one.startswith(NAMES)), "")
    return Trace(clues, declared, tags, person, source)


@dataclass(frozen=True)
class Stretch:
    """Half-open, UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Bill:
    """Everything a source says of a stretch: charges it said before and says no more are gone.

    All charges begin within `stretch`. `through`: the source has told all up to here.
    """

    source: str
    stretch: Stretch
    charges: tuple[Charge, ...]
    through: datetime | None = None
    kind: Kind = Kind.BILL

    @property
    def total(self) -> Decimal:
        return sum((charge.cost for charge in self.charges), ZERO)


def utc_days(start: datetime, end: datetime) -> Iterator[datetime]:
    """The UTC days of `[start, end)`, that of `start` at least."""
    day = utc_day(start)
    yield day
    while (day := day + DAY) < end:
        yield day


def on_day(charge: Charge, day: datetime) -> Charge:
    """Its part of a UTC day, in proportion to time. The parts of all its days add up to it."""
    if utc_day(charge.start) == day and charge.end <= day + DAY:
        return charge
    start, end = max(charge.start, day), min(charge.end, day + DAY)
    nanos = nanos_on(to_nanos(charge.cost), Stretch(charge.start, charge.end), day)
    return replace(charge, start=start, end=end, cost=from_nanos(nanos))


def nanos_on(nanos: int, of: Stretch, day: datetime) -> int:
    """The part of what is charged for a stretch that falls on a UTC day that it touches."""
    start, end = max(of.start, day), min(of.end, day + DAY)
    return _until(nanos, of, end) - _until(nanos, of, start)


def _until(nanos: int, of: Stretch, until: datetime) -> int:
    """From its start, rounded towards zero, so that all days add up to the charge."""
    whole, sign = of.end - of.start, -1 if nanos < 0 else 1
    return sign * (abs(nanos) * ((until - of.start) // _TICK) // (whole // _TICK))


def utc_day(moment: datetime) -> datetime:
    """Midnight before `moment` in UTC, the day that vendors bill by."""
    return datetime.combine(moment.astimezone(UTC).date(), time(), UTC)
