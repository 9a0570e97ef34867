"""What a month of a vendor's account came to: the bill beside what was seen, and what counts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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
    # It is to be settled again, since something of it has changed.
    waits: bool = False

    @property
    def is_provisional(self) -> bool:
        return not (self.settled and self.final)

    @property
    def counted(self) -> Decimal:
        return self.workflows + self.unattributed + self.unmetered

    @property
    def off(self) -> Decimal:
        """By how much figures say more: once settled than the bill, until then than was seen."""
        return self.counted - (self.billed if self.settled else self.realtime)

    @property
    def adds_up(self) -> bool:
        """What waits to be settled again may differ until then."""
        return self.waits or not self.off


@dataclass(frozen=True)
class DayFigures:
    """What a UTC day of an account holds now, in USD: `billed` by the lines of its bill, `realtime`
    seen, and as figures show it. `booked`: something of the bill is in them.
    """

    billed: Decimal = ZERO
    realtime: Decimal = ZERO
    workflows: Decimal = ZERO
    unattributed: Decimal = ZERO
    unmetered: Decimal = ZERO
    booked: bool = False
    waits: bool = False


def as_they_stand(
    account: str, noted: Iterable[Reconciled], figures: Mapping[datetime, DayFigures], now: datetime
) -> tuple[Reconciled, ...]:
    """Days that were settled or looked at, with what figures and the bill say of them now; and
    what was booked of a bill that nothing is noted of.
    """
    known = {one.day: one for one in noted}
    nowhere = {day for day, one in figures.items() if one.booked and not one.waits} - known.keys()
    found = [_as_it_stands(one, figures.get(day, DayFigures())) for day, one in known.items()]
    for day in nowhere:
        bare = Reconciled(
            account, day, ZERO, ZERO, ZERO, ZERO, ZERO, final=False, settled=True, at=now
        )
        found.append(_as_it_stands(bare, figures[day]))
    return tuple(sorted(found, key=lambda one: one.day))


def _as_it_stands(one: Reconciled, figures: DayFigures) -> Reconciled:
    said = {name: value for name, value in vars(figures).items() if name != "booked"}
    return replace(one, **said)


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
    def unsettled(self) -> Sequence[Reconciled]:
        """Settled days that differ until they are settled again."""
        return [one for one in self.days if one.waits and one.off]

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


def may_reconcile(by: str, organisation: Organisation, now: datetime) -> bool:
    group = (*organisation.finance, *organisation.admins)
    return any(one.person == by for one in acting(group, organisation.delegations, now))


def check_may_reconcile(by: str, organisation: Organisation, now: datetime) -> None:
    """Finance, admins, and whoever stands in for one of them. Raises NotAllowed naming them."""
    if not may_reconcile(by, organisation, now):
        group = (*organisation.finance, *organisation.admins)
        who = " or ".join(f"<@{one}>" for one in dict.fromkeys(group))
        raise NotAllowed(
            f"Only finance and admins see bills: {who or 'nobody is set; name finance'}."
        )
