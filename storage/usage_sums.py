"""Rows of usage, and what they add up to: by hour and model, and by period."""

from collections.abc import Callable, Iterator
from operator import add, itemgetter, neg
from typing import Any, NamedTuple

from bot.attribution import ASSIGNED, name_said
from bot.sources import is_reconciled
from bot.usage import CostBasis
from storage.rulers import Slot, Span

_ASSUMED = CostBasis.ASSUMED.value
_UNMETERED = CostBasis.UNMETERED.value
_OURS = (CostBasis.COMPUTED.value, _ASSUMED, _UNMETERED)


class Row(NamedTuple):
    """A row of `usage`, in the order of its columns: microseconds, nano-dollars."""

    source: str
    id: str
    workflow: str
    declared: str
    at: int
    provider: str
    model: str
    input_tokens: int | None
    output_tokens: int | None
    cache_read_tokens: int | None
    cache_write_tokens: int | None
    cost: int | None
    basis: str
    user: str
    run: str
    tags: str
    received_at: int
    account: str
    clues: str
    grain: str
    rule: str
    counts: int
    own_account: str = ""

    @property
    def said(self) -> str:
        """What the sender called its workflow."""
        return name_said(self.workflow, self.declared, self.rule)

    @property
    def content(self) -> tuple[object, ...]:
        """What makes it the same record again. A price of ours is not the sender's word, nor what
        a rule made of it; but what is taken back of an estimate is.
        """
        ours = self.basis in _OURS and self.rule != ASSIGNED
        cost = None if ours else (self.cost, self.basis)
        who = (self.user, self.run, self.tags, self.clues)
        return (self.said, self.at, *self[5:11], cost, *who, self.grain)

    @property
    def measured(self) -> tuple[object, ...]:
        """Tokens and money, without what else is told of a record."""
        return (self.model, *self[7:11], None if self.basis in _OURS else self.cost)

    def repeats(self, before: "Row") -> bool:
        """Unless it has a price now and had only an assumed one before."""
        priced = before.basis == _ASSUMED and self.basis == CostBasis.COMPUTED
        return not priced and self.content == before.content


class HourSum(NamedTuple):
    """A row of `usage_hours`: what is to be added to it."""

    workflow: str
    hour: int
    model: str
    account: str
    cost: int
    assumed: int
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    records: int
    unmetered: int


class TotalSum(NamedTuple):
    """A row of `period_totals`: what is to be added to it."""

    workflow: str
    cap: str
    start: int
    end: int
    cost: int
    assumed: int
    records: int
    unmetered: int
    late: int
    last_at: int


class Group(NamedTuple):
    """What rows are told apart by beside hour and model. `late`: the caps they came too late for,
    None where that is for the moment of booking to say. `sign`: -1 takes them back.
    """

    source: str
    account: str
    counts: int
    late: frozenset[str] | None = None
    sign: int = 1


# cost, assumed, input, output, cached, records, unmetered, unpriced, the newest instant
_Sums = list[int]
_of_period = itemgetter(0, 1, 5, 6, 8)


class Sums:
    """What rows add up to. What else is to be known of all of them is asked of their groups, which
    are few.
    """

    def __init__(self) -> None:
        self._sums: dict[tuple[Slot, str, Group], _Sums] = {}

    def count(self, row: Row, slot: Slot, group: Group) -> None:
        at, cost, basis = row.at, row.cost, row.basis
        key = (slot, row.model, group)
        sums = self._sums.get(key)
        if sums is None:
            sums = self._sums[key] = [0, 0, 0, 0, 0, 0, 0, 0, at]
        if cost is None:
            sums[6] += 1
        else:
            sums[0] += cost
        if basis == _ASSUMED:
            sums[1] += cost or 0
            sums[7] += 1
        elif basis == _UNMETERED:
            sums[7] += 1
        sums[2] += row.input_tokens or 0
        sums[3] += row.output_tokens or 0
        sums[4] += (row.cache_read_tokens or 0) + (row.cache_write_tokens or 0)
        # What reconciling has taken back is kept as nothing, and is no record any more.
        sums[5] += cost != 0 or not is_reconciled(row.source)
        sums[8] = max(sums[8], at)

    def groups(self) -> Iterator[tuple[Slot, Group, int, int, int]]:
        """With how many records they are, how many without a price of their own, and the newest
        instant; all of them, also of what does not count.
        """
        for (slot, _, group), sums in self._sums.items():
            yield slot, group, sums[5], sums[7], sums[8]

    def hours(self) -> list[tuple[Any, ...]]:
        """As HourSum, in the order of keys: who locks in one order never waits in a circle."""
        by_hour: dict[tuple[str, int, str, str], _Sums] = {}
        for (slot, model, group), sums in self._counting():
            _merge(by_hour, (slot.workflow, slot.hour, model, group.account), sums)
        return [(*key, *sums[:7]) for key, sums in sorted(by_hour.items())]

    def totals(self, late: Callable[[Span, Any], bool]) -> list[tuple[Any, ...]]:
        """As TotalSum, in the order of keys. `late` says of a period, and of the caps that rows
        came too late for, whether they are late for it.
        """
        by_slot: dict[tuple[Slot, frozenset[str] | None], _Sums] = {}
        for (slot, _, group), sums in self._counting():
            _merge(by_slot, (slot, group.late), sums)
        by_period: dict[tuple[str, str, int, int], _Sums] = {}
        for (slot, caps), sums in by_slot.items():
            cost, assumed, records, unmetered, newest = _of_period(sums)
            for span in slot.spans:
                key = (slot.workflow, span.cap, span.start, span.end)
                booked_late = cost if late(span, caps) else 0
                _merge(by_period, key, [cost, assumed, records, unmetered, booked_late, newest])
        return [(*key, *sums) for key, sums in sorted(by_period.items())]

    def _counting(self) -> Iterator[tuple[tuple[Slot, str, Group], _Sums]]:
        for key, sums in self._sums.items():
            if key[2].counts:
                yield key, sums if key[2].sign > 0 else [*map(neg, sums[:-1]), sums[-1]]


def _merge(into: dict[Any, _Sums], key: object, sums: _Sums) -> None:
    """Add them up, but keep the newest instant, which stands last."""
    held = into.get(key)
    if held is None:
        into[key] = sums
    else:
        into[key] = [*map(add, held[:-1], sums[:-1]), max(held[-1], sums[-1])]
