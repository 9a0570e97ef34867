"""Booking a batch, decided in memory: what is new, what is corrected, what the sums gain.

A page knows nothing of a database: `known` says what is booked already, the drivers write the rest.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple

import msgspec

from bot.attribution import NO_CLUES, Clues
from bot.names import quoted
from bot.sources import Kind
from bot.usage import CORRECTED, REPEATED, TAKEN, Answer, CostBasis, Outcome, Usage
from storage.beliefs import Beliefs
from storage.columns import to_micros
from storage.rulers import Ruler, Span
from storage.usage_sums import Row, Sums

Identity = tuple[str, str]


class SourceSeen(NamedTuple):
    """A row of `sources`: what is to be added to it."""

    name: str
    belongs_to: str
    last_at: int
    last_received: int
    kind: str
    records: int
    unpriced: int


class SourceHour(NamedTuple):
    """A row of `source_hours`: what is to be added to it."""

    source: str
    hour: int
    records: int


class Fed(NamedTuple):
    """A row of `source_workflows`."""

    workflow: str
    source: str
    account: str
    last_at: int


class Marked(NamedTuple):
    """A row of `unreconciled_days`."""

    account: str
    day: int
    marked_at: int


@dataclass(slots=True)
class _Seen:
    kind: str
    newest: int
    records: int = 0
    unpriced: int = 0
    arrived: int = 0


_HOUR = 3_600_000_000
_DAY = _HOUR * 24
_UNPRICED = (CostBasis.ASSUMED.value, CostBasis.UNMETERED.value)

# The class's own constructor takes four times as long, and this is done for every record.
_as_row: Callable[[tuple[object, ...]], Row] = partial(tuple.__new__, Row)


class Page:
    """One batch, being booked at `now`. `owners` are the sources known to belong to somebody."""

    def __init__(self, beliefs: Beliefs, owners: Mapping[str, str], now: datetime) -> None:
        self.answers: list[Answer] = []
        self.added: dict[Identity, Row] = {}
        self.changed: dict[Identity, Row] = {}
        self.replaced: list[Row] = []
        self.now = to_micros(now)
        self._beliefs = beliefs
        self._owners = dict(owners)
        self._seen: dict[str, _Seen] = {}
        self._fed: dict[tuple[str, str, str], int] = {}
        self._marked: set[tuple[str, int]] = set()
        self._repriced: Counter[str] = Counter()
        self._sums = Sums()

    def book(self, batch: Sequence[Usage], known: Mapping[Identity, Row]) -> None:
        """Later records of one batch see the earlier ones."""
        for usage in batch:
            source = usage.source
            if self._owners.setdefault(source, usage.sender) != usage.sender:
                self.answers.append(_not_yours(source))
                continue
            key = (source, usage.id)
            ruler, rule = self._beliefs.attributed(usage)
            row = self._row(usage, ruler.key, rule)
            self._saw(row, usage.kind)
            before = self.added.get(key) or self.changed.get(key) or known.get(key)
            if before is None:
                self.added[key] = row
                self._count(row, ruler, 1)
                self.answers.append(TAKEN)
            else:
                self.answers.append(self._again(key, before, row, fills=usage.fills))

    def move(self, before: Row, after: Row) -> None:
        """A record that is told anew what it belongs to, at the moment it was booked."""
        self.changed[before.source, before.id] = after
        for row, sign in ((before, -1), (after, 1)):
            ruler = self._beliefs.rulers[row.workflow]
            spans = ruler.slot(row.at).spans
            late = frozenset(span.cap for span in spans if span.end <= row.received_at)
            self._sums.count(row, ruler, late, sign)
            self._mark(row)
        self._feed(after)
        gained = (after.basis in _UNPRICED) - (before.basis in _UNPRICED)
        self._repriced[after.source] += gained

    def repriced(self) -> list[tuple[int, str]]:
        """How many more of a source's records are unpriced, where that has changed."""
        return [(gained, source) for source, gained in sorted(self._repriced.items()) if gained]

    def mark(self, days: Iterable[tuple[str, datetime]]) -> None:
        """Days of accounts to be reconciled, beside those of the records."""
        self._marked.update((account, to_micros(day)) for account, day in days)

    def _again(self, key: Identity, before: Row, row: Row, *, fills: bool) -> Answer:
        if row.repeats(before) or (fills and row.measured == before.measured):
            return REPEATED
        self.replaced.append(before)
        (self.added if key in self.added else self.changed)[key] = row
        self._count(before, self._beliefs.rulers[before.workflow], -1)
        self._count(row, self._beliefs.rulers[row.workflow], 1)
        return CORRECTED

    def _count(self, row: Row, ruler: Ruler, sign: int) -> None:
        self._sums.count(row, ruler, None, sign)
        seen = self._seen[row.source]
        seen.records += sign
        seen.unpriced += sign * (row.basis in _UNPRICED)
        self._mark(row)
        if sign > 0:
            self._feed(row)

    def _saw(self, row: Row, kind: Kind) -> None:
        seen = self._seen.get(row.source)
        if seen is None:
            seen = self._seen[row.source] = _Seen(kind.value, row.at)
        seen.newest = max(seen.newest, row.at)
        seen.arrived += 1

    def _feed(self, row: Row) -> None:
        if row.counts and row.workflow:
            key = row.workflow, row.source, row.account
            self._fed[key] = max(self._fed.get(key, 0), row.at)

    def _mark(self, row: Row) -> None:
        if self._beliefs.billed and row.account in self._beliefs.billed:
            self._marked.add((row.account, row.at - row.at % _DAY))

    def _row(self, usage: Usage, workflow: str, rule: str) -> Row:
        nanos, basis = self._beliefs.nanos(usage)
        account = self._beliefs.account(usage)
        return _as_row(
            (
                usage.source,
                usage.id,
                workflow,
                self._beliefs.declared(usage, rule),
                to_micros(usage.at),
                usage.provider,
                usage.model,
                usage.input_tokens,
                usage.output_tokens,
                usage.cache_read_tokens,
                usage.cache_write_tokens,
                nanos,
                str(basis),
                usage.user,
                usage.run,
                msgspec.json.encode(usage.tags).decode() if usage.tags else "",
                self.now,
                account,
                "" if usage.clues is NO_CLUES else _said(usage.clues),
                str(usage.grain),
                rule,
                int(self._beliefs.counts(usage.source, account)),
            )
        )

    def hours(self) -> list[tuple[Any, ...]]:
        return self._sums.hours()

    def totals(self) -> list[tuple[Any, ...]]:
        """What is booked after a period's end is late."""
        return self._sums.totals(self._is_late)

    def _is_late(self, span: Span, late: frozenset[str] | None) -> bool:
        return span.end <= self.now if late is None else span.cap in late

    def sources(self) -> list[SourceSeen]:
        return [
            SourceSeen(
                name,
                self._owners[name],
                seen.newest,
                self.now,
                seen.kind,
                seen.records,
                seen.unpriced,
            )
            for name, seen in sorted(self._seen.items())
        ]

    def source_hours(self) -> list[SourceHour]:
        hour = self.now - self.now % _HOUR
        return [SourceHour(name, hour, seen.arrived) for name, seen in sorted(self._seen.items())]

    def fed(self) -> list[Fed]:
        return [Fed(*key, newest) for key, newest in sorted(self._fed.items())]

    def marked(self) -> list[Marked]:
        return [Marked(account, day, self.now) for account, day in sorted(self._marked)]

    @property
    def corrected(self) -> frozenset[str]:
        """The workflows from which a correction took or to which it gave."""
        return frozenset(row.workflow for row in (*self.changed.values(), *self.replaced))


@lru_cache(maxsize=4096)
def _said(clues: Clues) -> str:
    text = msgspec.json.encode(clues).decode()
    return "" if text == "{}" else text


def _not_yours(source: str) -> Answer:
    return Answer(
        Outcome.REFUSED,
        "source",
        f"The source {quoted(source)} belongs to another API key. Send under a source of your own.",
    )
