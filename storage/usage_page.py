"""Booking a batch, decided in memory: what is new, what is corrected, what the sums gain.

A page knows nothing of a database: `known` says what is booked already, the drivers write the rest.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import msgspec

from bot.names import quoted
from bot.usage import CORRECTED, REPEATED, TAKEN, Answer, Outcome, Usage
from storage.columns import to_micros
from storage.rulers import Rulers
from storage.usage_sums import Row, Sums

Identity = tuple[str, str]


class SourceSeen(NamedTuple):
    """A row of `sources`."""

    name: str
    belongs_to: str
    last_at: int
    last_received: int


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
        self._again_at: dict[str, int] = {}
        self._sums = Sums()

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
                self._sums.count(row, ruler, source, 1)
                self.answers.append(TAKEN)
            else:
                self.answers.append(self._again(key, before, row))

    def _again(self, key: Identity, before: Row, row: Row) -> Answer:
        self._again_at[row.source] = max(self._again_at.get(row.source, 0), row.at)
        if row.repeats(before):
            return REPEATED
        self.replaced.append(before)
        (self.added if key in self.added else self.changed)[key] = row
        self._sums.count(before, self._rulers[before.workflow], row.source, -1)
        self._sums.count(row, self._rulers[row.workflow], row.source, 1)
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

    def hours(self) -> list[tuple[Any, ...]]:
        return self._sums.hours()

    def totals(self) -> list[tuple[Any, ...]]:
        """What is booked after a period's end is late."""
        return self._sums.totals(lambda span, _source: span.end <= self.now)

    def sources(self) -> list[SourceSeen]:
        newest = self._sums.newest()
        for name, at in self._again_at.items():
            newest[name] = max(newest.get(name, 0), at)
        return [
            SourceSeen(name, self._owners[name], at, self.now)
            for name, at in sorted(newest.items())
        ]

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
