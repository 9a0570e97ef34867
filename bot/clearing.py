"""Taking an imported bill out of the figures again: what goes, and what stays of it."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from bot.charges import DAY, Stretch
from bot.freshness import Source
from bot.money import ZERO
from bot.months import read_month
from bot.names import quoted
from bot.refusal import Refusal, Unknown
from bot.sources import ADJUSTMENTS, BILL, Kind


class NotCleared(Refusal):
    """It cannot be taken away, or not in this way."""


@dataclass(frozen=True, order=True)
class LinesOfDay:
    """Lines of a bill that begin on a UTC day, by account. `through`: they tell up to here."""

    day: datetime
    account: str
    lines: int
    cost: Decimal
    through: datetime

    @property
    def month(self) -> date:
        return self.day.date().replace(day=1)


@dataclass(frozen=True)
class Clearing:
    """What goes of a bill; `left` of it stays."""

    source: str
    gone: tuple[LinesOfDay, ...]
    left: tuple[LinesOfDay, ...] = ()

    @property
    def lines(self) -> int:
        return sum(one.lines for one in self.gone)

    @property
    def cost(self) -> Decimal:
        return sum((one.cost for one in self.gone), ZERO)

    @property
    def days(self) -> int:
        return len({one.day for one in self.gone})

    @property
    def first(self) -> datetime:
        return min(one.day for one in self.gone)

    @property
    def last(self) -> datetime:
        return max(one.day for one in self.gone)

    @property
    def accounts(self) -> tuple[str, ...]:
        return tuple(sorted({one.account for one in self.gone}))

    @property
    def accounts_gone(self) -> frozenset[str]:
        """Of which it tells nothing any more."""
        return frozenset(self.accounts) - {one.account for one in self.left}

    @property
    def through(self) -> datetime | None:
        """Up to where the rest tells."""
        return max((one.through for one in self.left), default=None)

    def stretches(self) -> Iterator[Stretch]:
        """A day each, so that not all lines are looked at together."""
        for day in sorted({one.day for one in self.gone}):
            yield Stretch(day, day + DAY)


def read_months(texts: Iterable[str], today: date) -> frozenset[date]:
    """`2026-10`, `oct`, `last month`. Raises Refusal."""
    return frozenset(_month(text, today) for text in texts)


def _month(text: str, today: date) -> date:
    month, more = read_month(text, today)
    if month is None or more:
        raise Refusal(f"{quoted(text)} is no month. Write it like 2026-10.")
    return month


def clearing(source: str, told: Collection[LinesOfDay], months: Collection[date]) -> Clearing:
    """All of it, where no months are named. Raises Unknown naming those there are."""
    if not told:
        raise Unknown(f"{source} has no lines, so it is in no figure.")
    known = sorted({one.month for one in told})
    for month in sorted(months):
        if month not in known:
            there = ", ".join(f"{one:%Y-%m}" for one in known)
            raise Unknown(f"{source} has no lines of {month:%Y-%m}. It has some of {there}.")
    gone = [one for one in told if not months or one.month in months]
    return Clearing(source, tuple(gone), tuple(one for one in told if one not in gone))


def clearable(name: str, known: Collection[Source]) -> Source:
    """By its name, with or without `bill/`. Raises NotCleared, Unknown."""
    named = {one.name: one for one in known if one.is_listed}
    found = named.get(name) or named.get(f"{BILL}{name}")
    if found is None:
        raise Unknown(_unknown(name, [one for one in named.values() if one.kind is Kind.EXPORT]))
    if found.kind is not Kind.EXPORT:
        raise NotCleared(_otherwise(found))
    return found


def _unknown(name: str, files: Collection[Source]) -> str:
    there = [one.name for one in files]
    if not there:
        return "No bill of a FOCUS file has been imported."
    # None is suggested: the nearest name is that of another bill, and this takes one away.
    return f"There is no imported bill {quoted(name)}. There are: {', '.join(there)}."


def _otherwise(source: Source) -> str:
    """How to take back what came another way."""
    name = quoted(source.name)
    if source.name == ADJUSTMENTS:
        return "What was booked by hand is undone in Slack: /budget adjust list."
    if source.kind is Kind.BILL:
        return (
            f"{name} is pulled from the vendor: taken away, it would come back with the next pull. "
            "With “lane: information” in the contract file (section “sources:”) it is in no figure."
        )
    if source.kind is Kind.FILE:
        return (
            f"{name} was told record by record. Import the wrong file again with --set cost=0, "
            "its other options as they were: all of it costs nothing then. Or book a credit in "
            "Slack: /budget adjust WORKFLOW -AMOUNT."
        )
    return (
        f"{name} tells record by record. What is sent again under its id with another cost is "
        "corrected; or book a credit in Slack: /budget adjust WORKFLOW -AMOUNT."
    )
