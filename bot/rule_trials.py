"""What a change of the rules would move, found on past records before it is saved."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from bot.attribution import ASSIGNED, Attribution, Candidate, Rule, Trace, whose
from bot.money import ZERO, from_nanos
from bot.rule_changes import RuleChange
from bot.sources import BILL, RECONCILED


class Alike(NamedTuple):
    """Records that no rule can tell apart, in a stretch that begins at `since`: nano-dollars."""

    trace: Trace
    workflow: str
    rule: str
    since: datetime
    nanos: int
    records: int


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
class Trial:
    """`besides`: what is attributed anew, whatever becomes of this change. `elsewhere`: what the
    pattern matches, and a more trusted clue or an earlier rule gives to another workflow.
    `contradicted`: what moves, and calls itself by the name of another workflow. `left`: it stays,
    since its month is closed. `back_to` is None where all that was asked for was looked at, and
    `partial` where only the dearest of it was.
    """

    change: RuleChange
    since: datetime
    moves: tuple[Move, ...] = ()
    matched: Sum = Sum()
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
class Edges:
    """When the months of workflows began (`nobodys`: of all others), and the running week and day
    of the one a rule leads to. `closed`: months that are over are changed, too.
    """

    months: Mapping[str, datetime]
    nobodys: datetime
    week: datetime
    day: datetime
    closed: bool = False

    def all(self) -> list[datetime]:
        return sorted({*self.months.values(), self.nobodys, self.week, self.day})

    def month(self, workflow: str) -> datetime:
        return self.months.get(workflow, self.nobodys)


def traces_of(one: Alike) -> Trace | None:
    """None for what no rule can move: a person booked it. A line of a bill is known by the bill."""
    if one.rule != ASSIGNED:
        return one.trace
    if not one.trace.source.startswith(RECONCILED):
        return None
    bill = BILL + one.trace.source.removeprefix(RECONCILED)
    return one.trace._replace(source=bill, declared="")


def _is_line(one: Alike) -> bool:
    return one.trace.source.startswith(RECONCILED)


@dataclass
class _Tally:
    change: RuleChange
    edges: Edges
    known: Collection[str]
    moves: dict[tuple[str, str], list[int]] = field(
        default_factory=lambda: defaultdict(lambda: [0, 0, 0, 0, 0, 0])
    )
    sums: dict[tuple[object, ...], list[int]] = field(
        default_factory=lambda: defaultdict(lambda: [0, 0, 0])
    )

    def count(self, one: Alike, trace: Trace, was: Candidate, becomes: Candidate) -> None:
        rule: Rule = self.change.rule
        matches = rule.matches(trace)
        if matches:
            self._add(("matched",), one)
        if was.workflow != becomes.workflow:
            self._moves(one, trace, becomes.workflow)
        elif becomes.workflow != one.workflow and one.rule != ASSIGNED:
            self._tells_anew(one, becomes.workflow)
        elif matches and becomes.rule not in {rule.id, ""} and self.change.after:
            self._add(("elsewhere", becomes), one)

    def _tells_anew(self, one: Alike, becomes: str) -> None:
        if self.edges.closed or not self._is_closed(one, becomes):
            self._add(("besides",), one)

    def _is_closed(self, one: Alike, becomes: str) -> bool:
        return one.since < max(self.edges.month(one.workflow), self.edges.month(becomes))

    def _moves(self, one: Alike, trace: Trace, becomes: str) -> None:
        """From where it stands, which of a closed month may not be what the rules say."""
        if one.workflow == becomes:
            return
        closed = self._is_closed(one, becomes)
        if closed and not self.edges.closed:
            self._add(("left",), one)
            return
        if trace.declared in self.known and trace.declared != becomes:
            self._add(("contradicted", trace.declared), one)
        sums = self.moves[one.workflow, becomes]
        parts = (
            True,
            one.since >= self.edges.week,
            one.since >= self.edges.day,
            closed,
        )
        for at, part in enumerate(parts):
            sums[at] += one.nanos * part
        sums[4 + _is_line(one)] += one.records

    def _add(self, key: tuple[object, ...], one: Alike) -> None:
        self.sums[key][0] += one.nanos
        self.sums[key][1 + _is_line(one)] += one.records

    def sum(self, *key: object) -> Sum:
        nanos, records, lines = self.sums.get(key, (0, 0, 0))
        return Sum(from_nanos(nanos), records, lines)

    def each(self, kind: str) -> list[tuple[object, Sum]]:
        found = [(key[1], self.sum(*key)) for key in self.sums if key[0] == kind]
        return sorted(found, key=lambda one: (-one[1].cost, str(one[0])))


def tried(
    change: RuleChange,
    rules: tuple[Attribution, Attribution],
    records: Iterable[Alike],
    known: Collection[str],
    edges: Edges,
    since: datetime,
) -> Trial:
    """`rules`: those of before and after. `known`: the keys of the registry."""
    before, after = rules
    tally = _Tally(change, edges, known)
    for one in records:
        trace = traces_of(one)
        if trace is not None:
            tally.count(one, trace, whose(before, trace, known), whose(after, trace, known))
    return Trial(
        change,
        since,
        _moves(tally),
        tally.sum("matched"),
        tally.sum("besides"),
        tally.sum("left"),
        tuple((one, held) for one, held in tally.each("elsewhere") if isinstance(one, Candidate)),
        tuple((str(name), held) for name, held in tally.each("contradicted")),
    )


def _moves(tally: _Tally) -> tuple[Move, ...]:
    usd: Callable[[int], Decimal] = from_nanos
    found = [
        Move(of, to, Sum(usd(sums[0]), sums[4], sums[5]), usd(sums[1]), usd(sums[2]), usd(sums[3]))
        for (of, to), sums in tally.moves.items()
    ]
    return tuple(sorted(found, key=lambda move: (-move.whole.cost, move.of, move.to)))
