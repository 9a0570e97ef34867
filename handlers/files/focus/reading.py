"""A FOCUS file, or the parts of one, read whole before anything is kept of it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count, groupby, islice
from pathlib import Path

import pyarrow as pa

from bot.charges import Bill, Charge, Stretch
from bot.focus.lines import Term, instant, merged, source_name
from bot.sources import Kind
from handlers.files.focus.columns import FocusColumns, NoFocus, focus_columns
from handlers.files.focus.file import BadShape, FocusFile, focus_file
from handlers.files.focus.rows import FocusRows, Seen
from handlers.files.focus.sums import FocusSums

# A bill has so many charges, as each costs questions of its own.
_TOGETHER = 5_000


@dataclass(frozen=True)
class FocusOptions:
    """How a person wants it read. `name`: of the source; `account`: of every row."""

    name: str | None = None
    account: str | None = None
    all_services: bool = False


@dataclass(frozen=True)
class FocusPart:
    file: FocusFile
    columns: FocusColumns
    rows: FocusRows

    @property
    def seen(self) -> Seen:
        return self.rows.seen

    def lines(self) -> dict[int, int]:
        """Where a person finds the refused rows that are named."""
        named = {row for kind in self.seen.tally.refused.values() for row in kind.lines}
        return dict(self.file.lines(named)) if named else {}


def open_focus(paths: Sequence[Path], options: FocusOptions) -> list[FocusPart]:
    """Looks at the headers only. Raises NoFocus, NotReadable."""
    use_less_memory()
    found = []
    for path in paths:
        file = focus_file(path)
        columns = _columns(file, options, named=len(paths) > 1)
        rows = FocusRows(columns, account=options.account, all_services=options.all_services)
        found.append(FocusPart(file, columns, rows))
    return found


def _columns(file: FocusFile, options: FocusOptions, *, named: bool) -> FocusColumns:
    try:
        return focus_columns(
            file.header, account=options.account is not None, all_services=options.all_services
        )
    except NoFocus as no:
        raise NoFocus(f"{file.path.name}: {no}" if named else str(no)) from None


def use_less_memory() -> None:
    """Jemalloc gives back what batches leave behind, at a third of the memory; not all systems
    have it.
    """
    try:
        pa.set_memory_pool(pa.jemalloc_memory_pool())
    except NotImplementedError:
        return


def read_focus(parts: Sequence[FocusPart], sums: FocusSums, at_byte: Callable[[int], None]) -> None:
    """Every row once. Raises NotReadable, after which nothing may be kept."""
    before = 0
    for part in parts:
        _read(part, sums, lambda byte, before=before: at_byte(before + byte))  # type: ignore[misc]
        before += part.file.size
    sums.close_up()


def _read(part: FocusPart, sums: FocusSums, at_byte: Callable[[int], None]) -> None:
    row = 0
    for batch in part.file.batches(part.columns, at_byte):
        numbers = _numbers(row + 1, batch.num_rows, part.file.bad_shapes)
        row = numbers[-1]
        lines = part.rows.read(batch, numbers)
        if lines is not None:
            sums.add(lines)
    for bad in part.file.bad_shapes:
        part.seen.rows += 1
        much = "few" if bad.cells < bad.wanted else "many"
        reason = f"The row has too {much} cells: {bad.cells}, the header has {bad.wanted}."
        part.seen.refuse(bad.row, "", reason)


def _numbers(first: int, rows: int, bad: Sequence[BadShape]) -> Sequence[int]:
    """Of the rows of a batch, none of which has a bad shape."""
    if not bad:
        return range(first, first + rows)
    left_out = {one.row for one in bad}
    return list(islice((row for row in count(first) if row not in left_out), rows))


@dataclass(frozen=True)
class Replacement:
    """All that a source says of a stretch that it replaces as a whole."""

    source: str
    stretch: Stretch
    terms: tuple[Term, ...]

    def bills(self, sums: FocusSums, now: datetime) -> Iterator[Bill]:
        """Each of whole days; together they are the stretch, and only one is in memory."""
        at, charges = self.stretch.start, list[Charge]()
        for day in sums.days(self.terms):
            for term in self.terms:
                charges += [line.charge(term, now) for line in sums.lines(term, day)]
            if len(charges) >= _TOGETHER:
                end = instant(day + 1)
                yield self._bill(at, end, charges)
                at, charges = end, []
        if at < self.stretch.end:
            yield self._bill(at, self.stretch.end, charges)

    def _bill(self, start: datetime, end: datetime, charges: Sequence[Charge]) -> Bill:
        through = instant(max(term.through for term in self.terms))
        return Bill(self.source, Stretch(start, end), tuple(charges), through, Kind.EXPORT)


def replacements(terms: Sequence[Term], name: str | None) -> list[Replacement]:
    """Billing periods of one source that overlap are replaced together."""

    def source(term: Term) -> str:
        return source_name(name or term.account)

    found = []
    for of, some in groupby(sorted(terms, key=source), key=source):
        for together in merged(some):
            start, end = min(one.first for one in together), max(one.end for one in together)
            found.append(Replacement(of, Stretch(instant(start), instant(end)), together))
    return found
