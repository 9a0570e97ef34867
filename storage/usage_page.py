"""Booking a batch, decided in memory: what is new, what is corrected, what the sums gain.

A page knows nothing of a database: `known` says what is booked already, the drivers write the rest.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import msgspec

from bot.names import quoted
from bot.usage import CORRECTED, REPEATED, TAKEN, Answer, Outcome, Usage
from storage.beliefs import Belief, Beliefs
from storage.columns import to_micros
from storage.rulers import Span
from storage.usage_sums import Group, Row, Sums

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
    owner: str
    kind: str
    newest: int = 0
    arrived: int = 0


_HOUR = 3_600_000_000
_DAY = _HOUR * 24

# The class's own constructor takes four times as long, and this is done for every record.
_as_row: Callable[[tuple[object, ...]], Row] = partial(tuple.__new__, Row)


class Page:
    """One batch, being booked at `now`. `owners` are the sources known to belong to somebody.
    `recount`: the one that moves records and may be undone; `given` is what it moved.
    """

    def __init__(
        self,
        beliefs: Beliefs,
        owners: Mapping[str, str],
        now: datetime,
        recount: int | None = None,
    ) -> None:
        self.answers: list[Answer] = []
        self.added: dict[Identity, Row] = {}
        self.changed: dict[Identity, Row] = {}
        self.replaced: list[Row] = []
        self.given: list[tuple[Row, Row]] = []
        self.recount = recount
        self.now = to_micros(now)
        self._beliefs = beliefs
        self._owners = owners
        self._seen: dict[str, _Seen] = {}
        self._marked: set[tuple[str, int]] = set()
        self._sums = Sums()

    def book(self, batch: Sequence[Usage], known: Mapping[Identity, Row]) -> None:
        """Later records of one batch see the earlier ones."""
        for usage in batch:
            seen = self._seen.get(usage.source) or self._met(usage)
            if seen.owner != usage.sender:
                self.answers.append(_not_yours(usage.source))
                continue
            belief = self._beliefs.of(usage)
            row = self._row(usage, belief)
            seen.arrived += 1
            seen.newest = max(seen.newest, row.at)
            key = (usage.source, usage.id)
            before = self.added.get(key) or self.changed.get(key) or known.get(key)
            if before is None:
                self.added[key] = row
                self._sums.count(row, belief.ruler.slot(row.at), belief.group)
                self.answers.append(TAKEN)
            else:
                self.answers.append(self._again(key, before, row, fills=usage.fills))

    def move(self, before: Row, after: Row) -> None:
        """A record that is told anew what it belongs to, at the moment it was booked."""
        self.changed[before.source, before.id] = after
        if self.recount is not None:
            self.given.append((before, after))
        for row, sign in ((before, -1), (after, 1)):
            slot = self._beliefs.rulers[row.workflow].slot(row.at)
            late = slot.ended(row.received_at)
            self._sums.count(row, slot, Group(row.source, row.account, row.counts, late, sign))

    def mark(self, days: Iterable[tuple[str, datetime]]) -> None:
        """Days of accounts to be reconciled, beside those of the records."""
        self._marked.update((account, to_micros(day)) for account, day in days)

    def _met(self, usage: Usage) -> _Seen:
        """Its source, for the first time in this batch."""
        owner = self._owners.get(usage.source, usage.sender)
        seen = self._seen[usage.source] = _Seen(owner, usage.kind.value)
        return seen

    def _again(self, key: Identity, before: Row, row: Row, *, fills: bool) -> Answer:
        if row.repeats(before) or (fills and row.measured == before.measured):
            return REPEATED
        self.replaced.append(before)
        (self.added if key in self.added else self.changed)[key] = row
        for one, sign in ((before, -1), (row, 1)):
            slot = self._beliefs.rulers[one.workflow].slot(one.at)
            self._sums.count(one, slot, Group(one.source, one.account, one.counts, None, sign))
        return CORRECTED

    def _row(self, usage: Usage, belief: Belief) -> Row:
        nanos, basis = self._beliefs.nanos(usage)
        return _as_row(
            (
                usage.source,
                usage.id,
                belief.ruler.key,
                belief.declared,
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
                belief.group.account,
                belief.clues,
                str(usage.grain),
                belief.rule,
                belief.group.counts,
                belief.own_account,
            )
        )

    def hours(self) -> list[tuple[Any, ...]]:
        return self._sums.hours()

    def totals(self) -> list[tuple[Any, ...]]:
        """What is booked after a period's end is late."""
        return self._sums.totals(self._is_late)

    def _is_late(self, span: Span, late: frozenset[str] | None) -> bool:
        return span.end <= self.now if late is None else span.cap in late

    @property
    def owners(self) -> dict[str, str]:
        """Of the sources that something was taken of: the keys they are believed to belong to."""
        return {name: seen.owner for name, seen in self._seen.items() if seen.arrived}

    def sources(self) -> list[SourceSeen]:
        records, unpriced = self._by_source()
        return [
            SourceSeen(
                name,
                owner,
                self._seen[name].newest,
                self.now,
                self._seen[name].kind,
                records[name],
                unpriced[name],
            )
            for name, owner in sorted(self.owners.items())
        ]

    def repriced(self) -> list[tuple[int, str]]:
        """How many more of a source's records are unpriced, where that has changed."""
        _, unpriced = self._by_source()
        return [(gained, source) for source, gained in sorted(unpriced.items()) if gained]

    def _by_source(self) -> tuple[Counter[str], Counter[str]]:
        """How many more records it has, and how many of them without a price."""
        records: Counter[str] = Counter()
        unpriced: Counter[str] = Counter()
        for _, group, number, without, _ in self._sums.groups():
            records[group.source] += group.sign * number
            unpriced[group.source] += group.sign * without
        return records, unpriced

    def source_hours(self) -> list[SourceHour]:
        hour = self.now - self.now % _HOUR
        return [SourceHour(name, hour, self._seen[name].arrived) for name in sorted(self.owners)]

    def fed(self) -> list[Fed]:
        fed: dict[tuple[str, str, str], int] = {}
        for slot, group, _, _, newest in self._sums.groups():
            if slot.workflow and group.counts and group.sign > 0:
                key = (slot.workflow, group.source, group.account)
                fed[key] = max(fed.get(key, 0), newest)
        return [Fed(*key, newest) for key, newest in sorted(fed.items())]

    def marked(self) -> list[Marked]:
        days = set(self._marked)
        if billed := self._beliefs.billed:
            # No slot lasts over a midnight of UTC.
            days |= {
                (group.account, slot.start - slot.start % _DAY)
                for slot, group, *_ in self._sums.groups()
                if group.account in billed
            }
        return [Marked(account, day, self.now) for account, day in sorted(days)]

    @property
    def corrected(self) -> frozenset[str]:
        """The workflows from which a correction took or to which it gave."""
        return frozenset(row.workflow for row in (*self.changed.values(), *self.replaced))


def _not_yours(source: str) -> Answer:
    return Answer(
        Outcome.REFUSED,
        "source",
        f"The source {quoted(source)} belongs to another API key. Send under a source of your own.",
    )
