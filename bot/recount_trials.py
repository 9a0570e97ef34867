"""What counting months that still run anew comes to, by other prices and sources."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from bot.money import ZERO, from_nanos
from bot.rule_trials import Choice, Sum
from bot.trial_days import AccountDay, DayOnTrial, Standing, added_up, cut, settled

_Days = Mapping[AccountDay, DayOnTrial]
_Shifts = Mapping[AccountDay, list[Standing]]


class Told(NamedTuple):
    """How records stand. `account`: the vendor's; `assumed`: their price is."""

    workflow: str
    account: str
    counts: bool
    assumed: bool


class Retold(NamedTuple):
    """Records of the UTC day `day` that are told anew alike: as they stand, as they `were` to be
    without the change, and as they become; then nano-dollars of all three.
    """

    day: datetime
    stand: Told
    were: Told
    become: Told
    repriced: bool
    records: int
    nanos: tuple[int, int, int]

    def holding(self) -> tuple[tuple[Told, int], tuple[Told, int], tuple[Told, int]]:
        stand, were, become = self.nanos
        return (self.stand, stand), (self.were, were), (self.become, become)


@dataclass(frozen=True)
class BillsOnTrial:
    """(source, account) of the bills that count before and after, and whose their lines are."""

    before: frozenset[tuple[str, str]]
    after: frozenset[tuple[str, str]]
    choice: Choice

    def differ(self, account: str) -> bool:
        return any(account == billed for _, billed in self.before ^ self.after)


@dataclass(frozen=True)
class Repriced:
    """Records that count and get another price: USD, of which so much is assumed."""

    records: int = 0
    before: Decimal = ZERO
    after: Decimal = ZERO
    assumed_before: Decimal = ZERO
    assumed_after: Decimal = ZERO


@dataclass(frozen=True)
class RecountTrial:
    """`begin`, `cease`: to count. `moved`: counts under another vendor's account. `gained`: by how
    many USD each workflow's figures differ, '' the unattributed, once `days` of bills are settled
    otherwise as well; `straddles`: one of them lies in a month that is over, too. `back_to` is None
    where all was looked at.
    """

    repriced: Repriced
    begin: Sum
    cease: Sum
    moved: Sum
    gained: tuple[tuple[str, Decimal], ...]
    days: tuple[AccountDay, ...]
    straddles: bool = False
    back_to: datetime | None = None

    @property
    def whole(self) -> Decimal:
        return sum((usd for _, usd in self.gained), ZERO)


def touched(retold: Iterable[Retold]) -> frozenset[AccountDay]:
    """The days that realtime records leave, come to or cost something else on."""
    return frozenset(
        AccountDay(told.account, one.day)
        for one in retold
        for told in (one.stand, one.were, one.become)
    )


def recount_trial(
    retold: Collection[Retold], days: _Days, bills: BillsOnTrial, now: datetime
) -> RecountTrial:
    """`days`: those of bills that may be settled otherwise."""
    tally = _Tally()
    for one in retold:
        tally.count(one)
    were, become = _shifts(retold, _WERE), _shifts(retold, _BECOME)
    for key, day in days.items():
        before = _Counting(bills.before, bills.choice, were.get(key, []))
        after = _Counting(bills.after, bills.choice, become.get(key, []))
        if tally.settle(day, before, after, now):
            tally.days.append(key)
    return tally.trial()


_WERE, _BECOME = 1, 2


def _shifts(retold: Iterable[Retold], which: int) -> _Shifts:
    """By how much what realtime sources have seen of each day differs from what stands."""
    found: dict[AccountDay, list[Standing]] = defaultdict(list)
    for one in retold:
        holding = one.holding()
        for (told, nanos), sign in ((holding[0], -1), (holding[which], 1)):
            if told.counts:
                moved = Standing(told.workflow, one.day, sign * nanos, sign * one.records)
                found[AccountDay(told.account, one.day)].append(moved)
    return found


@dataclass(frozen=True)
class _Counting:
    """What counts of a day: lines of these bills, and records that come and go."""

    sources: Collection[tuple[str, str]]
    choice: Choice
    shifts: Iterable[Standing]

    def has(self, source: str, account: str) -> bool:
        return (source, account) in self.sources

    def booked(self, day: DayOnTrial, now: datetime) -> Mapping[str, int]:
        """Nano-dollars by workflow, beside what realtime sources have seen."""
        lines = [one for one in day.lines if self.has(one.trace.source, one.charge.account)]
        whose = [self.choice.of(one.trace).workflow for one in lines]
        seen = added_up((*day.seen, *self.shifts))
        of_them = replace(day, lines=lines)
        sums: dict[str, int] = defaultdict(int)
        for entry in settled(of_them, whose, seen, cut(day.day, (), now)).entries:
            sums[entry.workflow] += entry.nanos
        return sums


@dataclass
class _Tally:
    gained: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    sums: dict[str, list[Sum]] = field(default_factory=lambda: defaultdict(list))
    repriced: Repriced = Repriced()
    days: list[AccountDay] = field(default_factory=list)

    def count(self, one: Retold) -> None:
        _, (were, before), (become, after) = one.holding()
        self.gained[were.workflow] -= before * were.counts
        self.gained[become.workflow] += after * become.counts
        if not were.counts or not become.counts:
            self._begins_or_ceases(one)
            return
        if one.repriced:
            self._reprice(one)
        if were.account != become.account:
            self.sums["moved"].append(Sum(from_nanos(after), one.records))

    def _begins_or_ceases(self, one: Retold) -> None:
        _, (were, before), (become, after) = one.holding()
        if become.counts:
            self.sums["begin"].append(Sum(from_nanos(after), one.records))
        elif were.counts:
            self.sums["cease"].append(Sum(from_nanos(before), one.records))

    def _reprice(self, one: Retold) -> None:
        _, (were, was), (become, becomes) = one.holding()
        held, before, after = self.repriced, from_nanos(was), from_nanos(becomes)
        self.repriced = Repriced(
            held.records + one.records,
            held.before + before,
            held.after + after,
            held.assumed_before + before * were.assumed,
            held.assumed_after + after * become.assumed,
        )

    def settle(self, day: DayOnTrial, before: _Counting, after: _Counting, now: datetime) -> bool:
        """Whether it is settled otherwise."""
        for one in day.lines:
            named = one.trace.source, one.charge.account
            if before.has(*named) != after.has(*named):
                which = "begin" if after.has(*named) else "cease"
                self.sums[which].append(Sum(one.charge.cost, 0, one.lines))
        was, becomes = before.booked(day, now), after.booked(day, now)
        for workflow in {*was, *becomes}:
            self.gained[workflow] += becomes.get(workflow, 0) - was.get(workflow, 0)
        return was != becomes

    def trial(self) -> RecountTrial:
        gained = [(key, from_nanos(nanos)) for key, nanos in self.gained.items() if nanos]
        gained.sort(key=lambda one: (-abs(one[1]), one[0]))
        begin, cease, moved = (Sum.of(self.sums[name]) for name in ("begin", "cease", "moved"))
        days = tuple(sorted(self.days))
        return RecountTrial(self.repriced, begin, cease, moved, tuple(gained), days)
