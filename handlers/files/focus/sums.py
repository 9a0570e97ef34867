"""Rows added up to lines, and lines told by billing period and day, in little memory.

Lines are laid by day into files of a temporary folder as soon as they take more than MOST bytes,
and are added up a day at a time when they are asked for.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc

from bot.focus.lines import Line, Term
from bot.money import ZERO
from handlers.files.focus.rows import KEYS, added_up

MOST = 4_000_000
_DAY = ("account", "term", "term_end", "day")
_TERM = _DAY[:3]
_LINE = tuple(name for name in KEYS if name not in _TERM)


class Day(NamedTuple):
    account: str
    first: int
    end: int
    day: int


class Stated(NamedTuple):
    """What a file says of a billing period of an account. `through`: usage up to this day."""

    rows: int
    effective: Decimal
    billed: Decimal
    through: int


_NOTHING = Stated(0, ZERO, ZERO, 0)


class FocusSums:
    """Nothing is told before `close_up`. To be used in a `with`: it may have files."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lines: list[pa.Table] = []
        self._waiting: list[pa.Table] = []
        self._bytes = 0
        self._folder = TemporaryDirectory(prefix="budget-bot-")
        self._laid: dict[Day, list[tuple[pa.ipc.RecordBatchFileReader, int]]] = defaultdict(list)
        self._files = 0
        self.told: dict[tuple[str, int, int], Stated] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._laid.clear()
        self._folder.cleanup()

    def add(self, lines: pa.Table) -> None:
        self._waiting.append(lines)
        self._bytes += lines.nbytes
        # Added up when as much waits as is there: each line is looked at a few times in all.
        if self._bytes >= max(self._most // 4, sum(known.nbytes for known in self._lines)):
            self._gather()

    def close_up(self) -> None:
        self._gather()
        self._lay()

    def terms(self) -> list[Term]:
        return [Term(*key, told.through) for key, told in sorted(self.told.items())]

    def days(self, terms: Iterable[Term]) -> list[int]:
        """The UTC days that have lines, in order."""
        keys = {(term.account, term.first, term.end) for term in terms}
        return sorted({day.day for day in self._laid if day[:3] in keys})

    def lines(self, term: Term, day: int) -> list[Line]:
        laid = self._laid.get(Day(term.account, term.first, term.end, day))
        return _read(laid) if laid else []

    def _gather(self) -> None:
        if not self._waiting:
            return
        lines = added_up(pa.concat_tables(self._lines + self._waiting))
        self._lines, self._waiting, self._bytes = [lines], [], 0
        if lines.nbytes > self._most:
            self._lay()

    def _lay(self) -> None:
        for lines in self._lines:
            self._note(lines)
            in_order = lines.sort_by([(name, "ascending") for name in _DAY]).combine_chunks()
            path = Path(self._folder.name) / str(self._files)
            days = list(_days(in_order))
            with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, lines.schema) as written:
                for _, start, length in days:
                    written.write_batch(in_order.slice(start, length).to_batches()[0])
            laid = pa.ipc.open_file(pa.OSFile(str(path), "rb"))
            for number, (day, _, _) in enumerate(days):
                self._laid[day].append((laid, number))
            self._files += 1
        self._lines = []

    def _note(self, lines: pa.Table) -> None:
        used = pc.if_else(pc.equal(lines["category"], "usage"), lines["until"], lines["term"])
        sums = lines.append_column("used", used).group_by(list(_TERM), use_threads=False)
        sums = sums.aggregate(
            [("rows", "sum"), ("effective", "sum"), ("billed", "sum"), ("used", "max")]
        )
        for found in sums.to_pylist():
            key = found["account"], found["term"], found["term_end"]
            known = self.told.get(key, _NOTHING)
            self.told[key] = Stated(
                known.rows + found["rows_sum"],
                known.effective + found["effective_sum"],
                known.billed + found["billed_sum"],
                max(known.through, found["used_max"]),
            )


def _days(lines: pa.Table) -> Iterator[tuple[Day, int, int]]:
    """Of lines in order: each day, where it begins, and how many lines it has."""
    start = 0
    keys = zip(*(lines[name].to_pylist() for name in _DAY), strict=True)
    for key, some in groupby(keys):
        length = sum(1 for _ in some)
        yield Day(*key), start, length
        start += length


def _read(laid: list[tuple[pa.ipc.RecordBatchFileReader, int]]) -> list[Line]:
    lines = pa.Table.from_batches([file.get_batch(number) for file, number in laid])
    return _made(lines if len(laid) == 1 else added_up(lines))


def _made(lines: pa.Table) -> list[Line]:
    """Of a sum in which a row has no amount, none is known."""
    rows = lines["rows"]
    list_costs = _known(lines["list_cost"], pc.equal(lines["listed"], rows))
    quantities = _known(lines["quantity"], pc.equal(lines["measured"], rows))
    texts = [lines[name].to_pylist() for name in _LINE]
    amounts = map(_decimals, (lines["effective"], list_costs, quantities))
    return list(map(Line._make, zip(*texts, *amounts, strict=True)))


def _known(sums: pa.ChunkedArray, where: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(where, sums, pa.scalar(None, sums.type))


def _decimals(column: pa.ChunkedArray) -> list[Decimal | None]:
    """By their texts, which takes half as long as `to_pylist`."""
    texts = pc.cast(column, pa.string()).to_pylist()
    return [None if text is None else Decimal(text) for text in texts]
