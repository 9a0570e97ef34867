"""What a month of a vendor's account came to: the bill beside what was seen, and what counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from bot.attribution import Trace
from bot.charges import Charge
from bot.delegations import acting
from bot.money import ZERO
from bot.policy import Organisation
from bot.refusal import NotAllowed


@dataclass(frozen=True)
class Reconciled:
    """A UTC day of an account, in USD. `settled`: the bill is in the figures; else realtime
    records stand for it.
    """

    account: str
    day: datetime
    billed: Decimal
    realtime: Decimal
    workflows: Decimal
    unattributed: Decimal
    unmetered: Decimal
    final: bool
    settled: bool
    at: datetime

    @property
    def is_provisional(self) -> bool:
        return not (self.settled and self.final)

    @property
    def counted(self) -> Decimal:
        return self.workflows + self.unattributed + self.unmetered

    @property
    def adds_up(self) -> bool:
        """Once settled to the bill, until then to what was seen."""
        return self.counted == (self.billed if self.settled else self.realtime)


@dataclass(frozen=True)
class AccountMonth:
    """`days` in order; `waiting` for the clock, and `ahead`, since a bill tells of them before they
    begin; the bill is told `through`.
    """

    account: str
    days: Sequence[Reconciled]
    waiting: int = 0
    ahead: int = 0
    through: datetime | None = None

    def of(self, name: str, *, settled: bool | None = None) -> Decimal:
        """The sum of a figure over its days, or over those that are settled or not."""
        days = (one for one in self.days if settled is None or one.settled is settled)
        return sum((getattr(one, name) for one in days), ZERO)

    @property
    def settled(self) -> int:
        return sum(one.settled for one in self.days)

    @property
    def provisional(self) -> int:
        return sum(one.is_provisional for one in self.days)

    @property
    def wrong(self) -> Sequence[Reconciled]:
        """Days that do not add up. There are none."""
        return [one for one in self.days if not one.adds_up]

    @property
    def drift(self) -> Decimal | None:
        """By how many per cent of the bill realtime sources saw more or less, on the days that are
        settled and of which they saw something.
        """
        days = [one for one in self.days if one.settled and one.realtime]
        billed = sum((one.billed for one in days), ZERO)
        seen = sum((one.realtime for one in days), ZERO)
        return (seen - billed) * 100 / billed if billed else None


@dataclass(frozen=True)
class LineSum:
    """Lines of a bill that no rule can tell apart."""

    trace: Trace
    item: str
    cost: Decimal
    lines: int


@dataclass(frozen=True)
class Corrected:
    """What a line of a bill said until an instant; `now` is None where it is gone."""

    id: str
    item: str
    was: Decimal
    until: datetime
    now: Decimal | None


@dataclass(frozen=True)
class BilledDay:
    """`lines` with the workflow that rules find, '' for nobody, the dearest first."""

    account: str
    day: datetime
    came_to: Reconciled | None
    lines: Sequence[tuple[Charge, str]]
    corrected: Sequence[Corrected]


def month_of(moment: datetime) -> tuple[datetime, datetime]:
    """The UTC month: vendors bill by UTC days."""
    start = datetime(moment.year, moment.month, 1, tzinfo=UTC)
    return start, datetime(start.year + start.month // 12, start.month % 12 + 1, 1, tzinfo=UTC)


def check_may_reconcile(by: str, organisation: Organisation, now: datetime) -> None:
    """Finance, admins, and whoever stands in for one of them. Raises NotAllowed naming them."""
    group = (*organisation.finance, *organisation.admins)
    if all(one.person != by for one in acting(group, organisation.delegations, now)):
        who = " or ".join(f"<@{one}>" for one in dict.fromkeys(group))
        raise NotAllowed(
            f"Only finance and admins see bills: {who or 'nobody is set; name finance'}."
        )
