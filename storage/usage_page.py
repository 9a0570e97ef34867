"""Booking a batch, decided in memory: what is new, what is corrected, what the sums gain.

A page knows nothing of a database: `known` says what is booked already, the drivers write the rest.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from operator import add
from typing import Any, NamedTuple

import msgspec

from bot.usage import CORRECTED, REPEATED, TAKEN, Answer, CostBasis, Outcome, Usage
from storage.columns import to_micros
from storage.rulers import Ruler, Rulers, Slot

ASSUMED = CostBasis.ASSUMED.value
_OURS = (CostBasis.COMPUTED.value, ASSUMED, CostBasis.UNMETERED.value)

Identity = tuple[str, str]


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

    @property
    def content(self) -> tuple[object, ...]:
        """What makes it the same record again. A price of ours is not the sender's word."""
        name = self.declared or self.workflow
        cost = None if self.basis in _OURS else (self.cost, self.basis)
        return (name, self.at, *self[5:11], cost, self.user, self.run, self.tags)

    def repeats(self, before: "Row") -> bool:
        """Unless it has a price now and had only an assumed one before."""
        priced = before.basis == ASSUMED and self.basis == CostBasis.COMPUTED
        return not priced and self.content == before.content


class HourSum(NamedTuple):
    """A row of `usage_hours`: what is to be added to it."""

    workflow: str
    hour: int
    model: str
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


class SourceSeen(NamedTuple):
    """A row of `sources`."""

    name: str
    belongs_to: str
    last_at: int
    last_received: int


# cost, assumed, input, output, cached, records, unmetered, the newest instant
_Sums = list[int]

# The class's own constructor takes four times as long, and this is done for every record.
_as_row: Callable[[tuple[object, ...]], Row] = partial(tuple.__new__, Row)


class Page:
    """One batch, being booked at `now`. `owners` are the sources known to belong to somebody."""

    def __init__(self, rulers: Rulers, owners: Mapping[str, str], now: datetime) -> None:
        self.answers: list[Answer] = []
        self.added: dict[Identity, Row] = {}
        self.changed: dict[Identity, Row] = {}
        self.replaced: list[Row] = []
        self.now = to_micros(now)
        self._rulers = rulers
        self._owners = dict(owners)
        self._newest: dict[str, int] = {}
        self._sums: dict[tuple[Slot, str, str], _Sums] = {}

    def book(self, batch: Sequence[Usage], known: Mapping[Identity, Row]) -> None:
        """Later records of one batch see the earlier ones."""
        for usage in batch:
            source = usage.source
            if self._owners.setdefault(source, usage.sender) != usage.sender:
                self.answers.append(_not_yours(source))
                continue
            key = (source, usage.id)
            ruler = self._rulers[usage.workflow]
            row = self._row(usage, ruler.key)
            before = self.added.get(key) or self.changed.get(key) or known.get(key)
            if before is None:
                self.added[key] = row
                self._count(row, ruler, 1)
                self.answers.append(TAKEN)
            else:
                self.answers.append(self._again(key, before, row))

    def _again(self, key: Identity, before: Row, row: Row) -> Answer:
        self._newest[row.source] = max(self._newest.get(row.source, 0), row.at)
        if row.repeats(before):
            return REPEATED
        self.replaced.append(before)
        (self.added if key in self.added else self.changed)[key] = row
        self._count(before, self._rulers[before.workflow], -1)
        self._count(row, self._rulers[row.workflow], 1)
        return CORRECTED

    def _row(self, usage: Usage, workflow: str) -> Row:
        return _as_row(
            (
                usage.source,
                usage.id,
                workflow,
                "" if workflow else usage.workflow,
                to_micros(usage.at),
                usage.provider,
                usage.model,
                usage.input_tokens,
                usage.output_tokens,
                usage.cache_read_tokens,
                usage.cache_write_tokens,
                usage.nanos,
                str(usage.basis),
                usage.user,
                usage.run,
                msgspec.json.encode(usage.tags).decode() if usage.tags else "",
                self.now,
            )
        )

    def _count(self, row: Row, ruler: Ruler, sign: int) -> None:
        at, cost = row.at, row.cost
        key = (ruler.slot(at), row.model, row.source)
        sums = self._sums.get(key)
        if sums is None:
            sums = self._sums[key] = [0, 0, 0, 0, 0, 0, 0, at]
        if cost is None:
            sums[6] += sign
        else:
            sums[0] += sign * cost
            sums[1] += sign * cost * (row.basis == ASSUMED)
        sums[2] += sign * (row.input_tokens or 0)
        sums[3] += sign * (row.output_tokens or 0)
        sums[4] += sign * ((row.cache_read_tokens or 0) + (row.cache_write_tokens or 0))
        sums[5] += sign
        if at > sums[7]:
            sums[7] = at

    def hours(self) -> list[HourSum]:
        """In the order of their keys: writers that lock in one order never wait in a circle."""
        by_hour: dict[tuple[str, int, str], _Sums] = {}
        for (slot, model, _), sums in self._sums.items():
            _merge(by_hour, (slot.workflow, slot.hour, model), sums)
        return [HourSum(*key, *sums[:-1]) for key, sums in sorted(by_hour.items())]

    def totals(self) -> list[TotalSum]:
        """In the order of their keys. What is booked after a period's end is late."""
        by_slot: dict[Slot, _Sums] = {}
        for (slot, _, _), sums in self._sums.items():
            _merge(by_slot, slot, sums)
        by_period: dict[tuple[str, str, int, int], _Sums] = {}
        for slot, (cost, assumed, _, _, _, records, unmetered, newest) in by_slot.items():
            for span in slot.spans:
                late = cost if span.end <= self.now else 0
                key = (slot.workflow, span.cap, span.start, span.end)
                _merge(by_period, key, [cost, assumed, records, unmetered, late, newest])
        return [TotalSum(*key, *sums) for key, sums in sorted(by_period.items())]

    def sources(self) -> list[SourceSeen]:
        newest = dict(self._newest)
        for (_, _, source), sums in self._sums.items():
            newest[source] = max(newest.get(source, 0), sums[-1])
        return [
            SourceSeen(name, self._owners[name], at, self.now)
            for name, at in sorted(newest.items())
        ]

    @property
    def corrected(self) -> frozenset[str]:
        """The workflows from which a correction took or to which it gave."""
        return frozenset(row.workflow for row in (*self.changed.values(), *self.replaced))


def _merge(into: dict[Any, _Sums], key: object, sums: _Sums) -> None:
    """Add them up, but keep the newest instant, which stands last."""
    held = into.get(key)
    if held is None:
        into[key] = sums
    else:
        into[key] = [*map(add, held[:-1], sums[:-1]), max(held[-1], sums[-1])]


def _not_yours(source: str) -> Answer:
    return Answer(
        Outcome.REFUSED,
        "source",
        f"The source “{source}” belongs to another API key. Send under a source of your own.",
    )
