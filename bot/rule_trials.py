"""What a change of the rules would move, found on past records before it is saved."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from bot.attribution import Attribution, Candidate, Clue, Rule, Trace, exactly, whose
from bot.money import ZERO, from_nanos
from bot.refusal import TooLate
from bot.rule_changes import Reach, RuleChange, Undone, reaches_closed, settled_since
from bot.sources import RECONCILED
from bot.trial_days import AccountDay

_GOOD_FOR = timedelta(minutes=10)


class Alike(NamedTuple):
    """Records that no rule can tell apart, in a stretch that begins at `since`: nano-dollars.
    `day`: the UTC day they are of, where a bill may tell of it. `was`: the workflow that had them
    before what is undone.
    """

    trace: Trace
    workflow: str
    rule: str
    since: datetime
    nanos: int
    records: int
    day: AccountDay | None = None
    was: str | None = None


@dataclass(frozen=True)
class Sum:
    """USD, records, and lines of bills beside them."""

    cost: Decimal = ZERO
    records: int = 0
    lines: int = 0

    @property
    def number(self) -> int:
        return self.records + self.lines

    @classmethod
    def of(cls, held: Iterable["Sum"]) -> "Sum":
        all_of_it = tuple(held)
        return cls(
            sum((one.cost for one in all_of_it), ZERO),
            sum(one.records for one in all_of_it),
            sum(one.lines for one in all_of_it),
        )

    @classmethod
    def from_source(cls, source: str, nanos: int, number: int) -> "Sum":
        """What reconciling has booked are lines of the bill."""
        billed = source.startswith(RECONCILED)
        return cls(from_nanos(nanos), 0 if billed else number, number if billed else 0)


@dataclass(frozen=True)
class Move:
    """From one workflow to another; '' is unattributed. `week`, `day`: the part of it in the
    running ones; `closed`: in months that are over.
    """

    of: str
    to: str
    whole: Sum
    week: Decimal
    day: Decimal
    closed: Decimal


@dataclass(frozen=True)
class Gain:
    """What the workflow a rule leads to has more then, in USD, in its running periods."""

    day: Decimal = ZERO
    week: Decimal = ZERO
    month: Decimal = ZERO


@dataclass(frozen=True)
class Trial:
    """`besides`: what is attributed anew, whatever becomes of this change. `elsewhere`: what the
    pattern matches, and a more trusted clue or an earlier rule gives to another workflow.
    `contradicted`: what moves, and calls itself by the name of another workflow. `left`: it stays,
    since its month is closed. `back_to` is None where all that was asked for was looked at, and
    `partial` where only the dearest of it was.
    """

    since: datetime
    moves: tuple[Move, ...] = ()
    gain: Gain = Gain()
    besides: Sum = Sum()
    left: Sum = Sum()
    elsewhere: tuple[tuple[Candidate, Sum], ...] = ()
    contradicted: tuple[tuple[str, Sum], ...] = ()
    back_to: datetime | None = None
    partial: bool = False

    @property
    def moved(self) -> Sum:
        return Sum.of(move.whole for move in self.moves)


@dataclass(frozen=True)
class Found:
    """A change of one rule, and what it was found to move when it was tried. `version`: of the
    registry it was tried on.
    """

    change: RuleChange
    reach: Reach
    moved: Sum
    version: int
    at: datetime
    undoes: Undone | None = None

    @property
    def since(self) -> datetime:
        return self.undoes.since if self.undoes else self.reach.since(self.at)

    def is_good(self, now: datetime) -> bool:
        """It may be saved as what was seen: neither too old, nor of another month."""
        return now < self.at + _GOOD_FOR and self.reach.since(now) == self.since


@dataclass(frozen=True)
class Tried:
    """A change of one rule, and all of what it would move."""

    change: RuleChange
    reach: Reach
    trial: Trial
    version: int
    at: datetime
    undoes: Undone | None = None

    @property
    def found(self) -> Found:
        moved = self.trial.moved
        return Found(self.change, self.reach, moved, self.version, self.at, self.undoes)


class RegistryChanged(TooLate):
    """The registry is not any more the one that a change was tried on."""


@dataclass(frozen=True)
class Edges:
    """Records since an instant until `now`. When the months of workflows began, under '' that of
    all others, and the running week and day of the one a rule `leads_to`.
    """

    since: datetime
    now: datetime
    months: Mapping[str, datetime]
    week: datetime
    day: datetime
    leads_to: str | None = None
    undoes: Undone | None = None

    def all(self) -> list[datetime]:
        return sorted({*self.months.values(), self.week, self.day})

    def month(self, workflow: str) -> datetime:
        return self.months.get(workflow, self.months[""])

    def is_over(self, since: datetime, of: str, to: str) -> bool:
        return since < max(self.month(of), self.month(to))

    @cached_property
    def closed(self) -> bool:
        """Months that are over are changed, too."""
        return reaches_closed(self.since, self.now)

    @property
    def settled_since(self) -> datetime:
        return settled_since(self.since, self.now, self.months.values())


@dataclass(frozen=True)
class Choice:
    """Whose a trace is at one moment; `known`: the keys of the registry."""

    rules: Attribution
    known: Collection[str]

    def of(self, trace: Trace) -> Candidate:
        return whose(self.rules, trace, self.known)


@dataclass(frozen=True)
class Choices:
    """Before a change of the rules and after it. `rule`: the one that it is about, which holds
    afterwards.
    """

    before: Choice
    after: Choice
    rule: Rule | None = None

    def of(self, trace: Trace) -> tuple[Candidate, Candidate]:
        return self.before.of(trace), self.after.of(trace)

    def touched(self) -> Iterator[Rule]:
        """By which the two may differ: what comes, goes or leads elsewhere; all of a clue whose
        rules stand in another order; the names of workflows that come, by which records call
        themselves.
        """
        for clue in Clue:
            was, becomes = (
                [rule for rule in one.rules.rules if rule.clue is clue]
                for one in (self.before, self.after)
            )
            yield from _differing(was, becomes)
        for key in sorted({*self.after.known} - {*self.before.known}):
            yield Rule(Clue.DECLARED, exactly(key), key)
            yield Rule(Clue.TEAM, exactly(key), key)


def _differing(was: Iterable[Rule], becomes: Iterable[Rule]) -> set[Rule]:
    before, after = dict.fromkeys(was), dict.fromkeys(becomes)
    in_order = [one for one in before if one in after] == [one for one in after if one in before]
    return {*before} ^ {*after} if in_order else {*before} | {*after}
