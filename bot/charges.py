"""One line of a bill: what a vendor charges for a stretch of time, and what it says of whom."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.attribution import NO_CLUES, Clues, Trace
from bot.money import ZERO
from bot.sources import Kind

DAY = timedelta(days=1)


class Category(StrEnum):
    """FOCUS's ChargeCategory."""

    USAGE = "usage"
    PURCHASE = "purchase"
    TAX = "tax"
    CREDIT = "credit"
    ADJUSTMENT = "adjustment"


@dataclass(frozen=True)
class Charge:
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
        return Trace(self.clues, tags=self.tags, person=self.person, source=source)


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


def utc_day(moment: datetime) -> datetime:
    """Midnight before `moment` in UTC, the day that vendors bill by."""
    return datetime.combine(moment.astimezone(UTC).date(), time(), UTC)
