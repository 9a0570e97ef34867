"""Trying other rules on past records and bills."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from bot.attribution import ASSIGNED, Candidate, Trace
from bot.money import from_nanos
from bot.pairing import Amounts, Ways, netted, paired
from bot.rule_trials import Alike, Choices, Edges, Gain, Move, Sum, Trial
from bot.trial_days import AccountDay, DayOnTrial, Figures, Leaving, cut, resettled

_Days = Mapping[AccountDay, DayOnTrial]
# By the rules of before, and by those of after.
_Pair = tuple[Candidate, Candidate]


class _Record(NamedTuple):
    """With what becomes of it; `leaves` is None where it stays."""

    alike: Alike
    pair: _Pair
    leaves: Leaving | None


def trial_of(choices: Choices, records: Iterable[Alike], days: _Days, edges: Edges) -> Trial:
    """`days`: those that may be settled otherwise, since their lines or records may move."""
    tally = _Tally(choices, edges)
    movable = [tally.decided(one) for one in records if one.rule != ASSIGNED]
    settled = tally.settle(days, movable)
    for one in movable:
        tally.count(one, settled)
    return tally.trial()


def _differ(pair: _Pair) -> bool:
    return pair[0].workflow != pair[1].workflow


@dataclass
class _Tally:
    choices: Choices
    edges: Edges
    ways: Ways = field(default_factory=lambda: defaultdict(Amounts))
    gained: list[int] = field(default_factory=lambda: [0, 0, 0])
    sums: dict[str, dict[object, list[Sum]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def decided(self, one: Alike) -> _Record:
        """From where it stands, which of a closed month may not be what the rules say."""
        pair = self.choices.of(one.trace)
        becomes = self._becomes(one, pair[1].workflow)
        if becomes == one.workflow:
            return _Record(one, pair, None)
        leaves = Leaving(one.workflow, becomes, one.since, one.nanos, one.records)
        return _Record(one, pair, leaves)

    def _becomes(self, one: Alike, told: str) -> str:
        if not self.edges.is_over(one.since, one.workflow, told):
            return told
        if self.edges.undoes is not None:
            return one.workflow if one.was is None else one.was
        return told if self.edges.closed else one.workflow

    def settle(self, days: _Days, records: Iterable[_Record]) -> Collection[AccountDay]:
        """Those of which the bill says all, so that the cost of their records says nothing."""
        leaving: dict[AccountDay, list[Leaving]] = defaultdict(list)
        touched = {key for key, day in days.items() if self._touches(day)}
        for one, pair, leaves in records:
            if one.day is not None and leaves is not None:
                leaving[one.day].append(leaves)
                if _differ(pair) or one.was is not None:
                    touched.add(one.day)
        for key, day in days.items():
            if key not in touched and day.in_bill:
                self._untouched(day)
        return {
            key for key, day in days.items() if key in touched and self._settled(day, leaving[key])
        }

    def _untouched(self, day: DayOnTrial) -> None:
        for one in day.lines:
            held = Sum(one.charge.cost, 0, one.lines)
            self._keeps(one.trace, self.choices.of(one.trace), held, left=False)

    def _touches(self, day: DayOnTrial) -> bool:
        return any(_differ(self.choices.of(one.trace)) for one in day.lines)

    def _settled(self, day: DayOnTrial, leaving: Iterable[Leaving]) -> bool:
        pairs = [self.choices.of(one.trace) for one in day.lines]
        cuts = cut(day.day, self.edges.all(), self.edges.now)
        whose = [one.workflow for one, _ in pairs], [one.workflow for _, one in pairs]
        came_to = resettled(day, whose, leaving, cuts)
        if came_to is None:
            return False
        for line, pair, way in zip(day.lines, pairs, came_to.ways, strict=True):
            self._said(line.trace, pair, Sum(line.charge.cost, 0, line.lines))
            if _differ(pair) and came_to.gained:
                self._goes(way, Amounts(lines=line.lines))
        self._gains(came_to.gained)
        self._gives(came_to.gained)
        return True

    def count(self, record: _Record, settled: Collection[AccountDay]) -> None:
        one, pair, leaves = record
        held = Sum(from_nanos(one.nanos), one.records)
        if leaves is None:
            left = _differ(pair) and one.workflow != pair[1].workflow
            self._keeps(one.trace, pair, held, left=left)
        elif _differ(pair) or one.was is not None:
            self._said(one.trace, pair, held)
            self._moves(leaves, in_bill=one.day in settled)
        else:
            self.sums["besides"][""].append(held)

    def _moves(self, one: Leaving, *, in_bill: bool) -> None:
        """Of a day that is settled, the bill says how much it is."""
        self._goes((one.of, one.to), Amounts(records=one.records))
        if not in_bill:
            self._goes((one.of, one.to), self._at(one.since, one.nanos, one.of, one.to))
            self._gains({(one.of, one.since): -one.nanos, (one.to, one.since): one.nanos})

    def _goes(self, way: tuple[str, str], amounts: Amounts) -> None:
        self.ways[way] = self.ways[way].plus(amounts)

    def _at(self, since: datetime, nanos: int, of: str, to: str) -> Amounts:
        week, day = since >= self.edges.week, since >= self.edges.day
        closed = self.edges.is_over(since, of, to)
        return Amounts(nanos, nanos * week, nanos * day, nanos * closed)

    def _gains(self, gained: Figures) -> None:
        """The workflow that the rule leads to."""
        key = self.edges.leads_to
        for (workflow, since), nanos in gained.items():
            if key is not None and workflow == key:
                starts = self.edges.day, self.edges.week, self.edges.month(key)
                for at, start in enumerate(starts):
                    self.gained[at] += nanos * (since >= start)

    def _gives(self, gained: Figures) -> None:
        """Who gives to whom, apart as the whole of the one that gains is, or of the one that it is
        about.
        """
        whole: dict[str, int] = defaultdict(int)
        for (workflow, _), nanos in gained.items():
            whole[workflow] += nanos
        for of, to, nanos in paired(whole):
            about = of if of == self.edges.leads_to else to
            shares = Amounts()
            for (workflow, since), part in gained.items():
                if workflow == about:
                    shares = shares.plus(self._at(since, nanos * part // whole[about], of, to))
            self._goes((of, to), shares._replace(nanos=nanos))

    def _said(self, trace: Trace, pair: _Pair, held: Sum) -> None:
        becomes = pair[1].workflow
        if not _differ(pair):
            self._keeps(trace, pair, held, left=False)
        elif trace.declared in self.choices.after.known and trace.declared != becomes:
            self.sums["contradicted"][trace.declared].append(held)

    def _keeps(self, trace: Trace, pair: _Pair, held: Sum, *, left: bool) -> None:
        rule, (_, becomes) = self.choices.rule, pair
        if left:
            self.sums["left"][""].append(held)
        elif rule is not None and becomes.rule not in {rule.id, ""} and rule.matches(trace):
            self.sums["elsewhere"][becomes].append(held)

    def trial(self) -> Trial:
        return Trial(
            self.edges.since,
            tuple(sorted(_moves(self.ways), key=lambda one: (-one.whole.cost, one.of, one.to))),
            Gain(*map(from_nanos, self.gained)),
            Sum.of(self.sums["besides"][""]),
            Sum.of(self.sums["left"][""]),
            tuple(
                (one, held) for one, held in self._each("elsewhere") if isinstance(one, Candidate)
            ),
            tuple((str(name), held) for name, held in self._each("contradicted")),
        )

    def _each(self, kind: str) -> list[tuple[object, Sum]]:
        found = [(key, Sum.of(held)) for key, held in self.sums[kind].items()]
        return sorted(found, key=lambda one: (-one[1].cost, str(one[0])))


def _moves(ways: Ways) -> Iterable[Move]:
    for (of, to), one in netted(ways).items():
        whole = Sum(from_nanos(one.nanos), one.records, one.lines)
        week, day, closed = map(from_nanos, (one.week, one.day, one.closed))
        if whole != Sum():
            yield Move(of, to, whole, week, day, closed)
