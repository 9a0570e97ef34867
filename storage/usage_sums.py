"""Rows of usage, and what they add up to: by hour and model, and by period."""

from collections.abc import Callable, Hashable
from operator import add
from typing import Any, NamedTuple

from bot.attribution import ASSIGNED, name_said
from bot.usage import CostBasis
from storage.rulers import Ruler, Slot, Span

_ASSUMED = CostBasis.ASSUMED.value
_OURS = (CostBasis.COMPUTED.value, _ASSUMED, CostBasis.UNMETERED.value)


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


# cost, assumed, input, output, cached, records, unmetered, the newest instant
_Sums = list[int]


class Sums:
    """What rows add up to, apart by whatever `group` the caller tells rows apart by."""

    def __init__(self) -> None:
        self._sums: dict[tuple[Slot, str, str, Hashable], _Sums] = {}

    def count(self, row: Row, ruler: Ruler, group: Hashable, sign: int) -> None:
        if not row.counts:
            return
        at, cost = row.at, row.cost
        key = (ruler.slot(at), row.model, row.account, group)
        sums = self._sums.get(key)
        if sums is None:
            sums = self._sums[key] = [0, 0, 0, 0, 0, 0, 0, at]
        if cost is None:
            sums[6] += sign
        else:
            sums[0] += sign * cost
            sums[1] += sign * cost * (row.basis == _ASSUMED)
        sums[2] += sign * (row.input_tokens or 0)
        sums[3] += sign * (row.output_tokens or 0)
        sums[4] += sign * ((row.cache_read_tokens or 0) + (row.cache_write_tokens or 0))
        sums[5] += sign
        sums[7] = max(sums[7], at)

    def hours(self) -> list[tuple[Any, ...]]:
        """As HourSum, in the order of keys: who locks in one order never waits in a circle."""
        by_hour: dict[tuple[str, int, str, str], _Sums] = {}
        for (slot, model, account, _), sums in self._sums.items():
            _merge(by_hour, (slot.workflow, slot.hour, model, account), sums)
        return [(*key, *sums[:-1]) for key, sums in sorted(by_hour.items())]

    def totals(self, late: Callable[[Span, Any], bool]) -> list[tuple[Any, ...]]:
        """As TotalSum, in the order of keys. `late` says of a period and a group whether it is."""
        by_slot: dict[tuple[Slot, Hashable], _Sums] = {}
        for (slot, _, _, group), sums in self._sums.items():
            _merge(by_slot, (slot, group), sums)
        by_period: dict[tuple[str, str, int, int], _Sums] = {}
        for (slot, group), (cost, assumed, _, _, _, records, unmetered, newest) in by_slot.items():
            for span in slot.spans:
                key = (slot.workflow, span.cap, span.start, span.end)
                booked_late = cost if late(span, group) else 0
                _merge(by_period, key, [cost, assumed, records, unmetered, booked_late, newest])
        return [(*key, *sums) for key, sums in sorted(by_period.items())]


def _merge(into: dict[Any, _Sums], key: object, sums: _Sums) -> None:
    """Add them up, but keep the newest instant, which stands last."""
    held = into.get(key)
    if held is None:
        into[key] = sums
    else:
        into[key] = [*map(add, held[:-1], sums[:-1]), max(held[-1], sums[-1])]
