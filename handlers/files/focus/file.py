"""FOCUS files as batches of rows: CSV, plain or compressed with gzip, and Parquet."""

import csv
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from handlers.files.focus.columns import FocusColumns
from handlers.files.focus.header import (
    GZIP,
    PARQUET,
    opened_text,
    readable,
    starts_with,
    text_header,
)

# Of a CSV file, of which pyarrow reads dozens ahead.
_BLOCK = 500_000
# Of a Parquet file: what its maps unfold to is known only when they are read.
_ROWS = 4_096
# Batches are joined, as each of them costs, but only as many as fit.
_MOST_ROWS = 32_768
_MOST_BYTES = 8_000_000
_BUFFER = 1_000_000
# Most texts are there again and again.
_TEXT = pa.dictionary(pa.int32(), pa.string())
# How long the first row of a file is.
_HEADER = 1


class BadShape(NamedTuple):
    """A row of a CSV file with more or fewer cells than the header. Rows count from 1."""

    row: int
    cells: int
    wanted: int


AtByte = Callable[[int], None]


class FocusFile(Protocol):
    """`bad_shapes` grows while batches are read; those rows are in none of them."""

    path: Path
    size: int
    header: Sequence[str]
    bad_shapes: list[BadShape]

    def batches(self, columns: FocusColumns, at_byte: AtByte) -> Iterator[pa.RecordBatch]:
        """Raises NotReadable."""

    def lines(self, rows: Collection[int]) -> Mapping[int, int]:
        """Where a person finds these rows."""


def focus_file(path: Path) -> FocusFile:
    """By what it begins with, whatever it is called. Raises NotReadable."""
    with _readable(path):
        size = path.stat().st_size
        if starts_with(path, PARQUET):
            with _parquet(path) as table:
                found = table.schema_arrow
                texts = {one.name for one in found if pa.types.is_string(one.type)}
                return ParquetFile(path, size, found.names, [], texts)
    delimiter, header = text_header(path)
    return CsvFile(path, size, header, [], delimiter)


@dataclass
class ParquetFile:
    path: Path
    size: int
    header: Sequence[str]
    bad_shapes: list[BadShape]
    texts: Collection[str]

    def batches(self, columns: FocusColumns, at_byte: AtByte) -> Iterator[pa.RecordBatch]:
        row, texts = 0, [name for name in columns.texts if name in self.texts]
        with _readable(self.path), _parquet(self.path, texts) as file:
            rows = max(1, file.metadata.num_rows)
            names = columns.texts + columns.amounts
            for batch in _joined(file.iter_batches(_ROWS, columns=names, use_threads=False)):
                row += batch.num_rows
                at_byte(self.size * row // rows)
                yield batch

    def lines(self, rows: Collection[int]) -> Mapping[int, int]:
        return {row: row for row in rows}


@dataclass
class CsvFile:
    path: Path
    size: int
    header: Sequence[str]
    bad_shapes: list[BadShape]
    delimiter: str

    def batches(self, columns: FocusColumns, at_byte: AtByte) -> Iterator[pa.RecordBatch]:
        with (
            _readable(self.path),
            self.path.open("rb") as file,
            pa.csv.open_csv(self._plain(file), **self._options(columns)) as reader,
        ):
            for batch in _joined(reader):
                at_byte(file.tell())
                yield batch

    def lines(self, rows: Collection[int]) -> Mapping[int, int]:
        wanted, found = set(rows), dict[int, int]()
        with _readable(self.path), opened_text(self.path) as text:
            reader = csv.reader(text, delimiter=self.delimiter)
            row, begins = -_HEADER, 1
            for cells in reader:
                row += bool(cells)
                if cells and row in wanted:
                    found[row] = begins
                begins = reader.line_num + 1
                if len(found) == len(wanted):
                    break
        return {row: row + _HEADER for row in rows} | found

    def _plain(self, file: BinaryIO) -> Any:  # noqa: ANN401 - pyarrow has no types
        return pa.CompressedInputStream(file, "gzip") if starts_with(self.path, GZIP) else file

    def _options(self, columns: FocusColumns) -> dict[str, Any]:
        def skip(row: Any) -> str:  # noqa: ANN401 - pyarrow has no types
            self.bad_shapes.append(
                BadShape(row.number - _HEADER, row.actual_columns, row.expected_columns)
            )
            return "skip"

        # All as text: what a number or a time is, is not for the reader to guess.
        return {
            "read_options": pa.csv.ReadOptions(use_threads=False, block_size=_BLOCK),
            "parse_options": pa.csv.ParseOptions(
                delimiter=self.delimiter, newlines_in_values=True, invalid_row_handler=skip
            ),
            "convert_options": pa.csv.ConvertOptions(
                include_columns=columns.texts + columns.amounts,
                column_types=dict.fromkeys(columns.texts, _TEXT)
                | dict.fromkeys(columns.amounts, pa.string()),
                strings_can_be_null=True,
                null_values=["", "NULL", "null"],
            ),
        }


@contextmanager
def _parquet(path: Path, texts: Sequence[str] = ()) -> Iterator[Any]:
    """Without reading ahead: a group of rows may be larger than memory."""
    how: dict[str, Any] = {"buffer_size": _BUFFER, "pre_buffer": False}
    with pa.parquet.ParquetFile(str(path), read_dictionary=list(texts), **how) as file:
        yield file


def _joined(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """None of them empty."""
    together, rows, size = list[pa.RecordBatch](), 0, 0
    for batch in batches:
        together.append(batch)
        rows += batch.num_rows
        size += batch.nbytes
        if rows >= _MOST_ROWS or size >= _MOST_BYTES:
            yield _one(together)
            together, rows, size = [], 0, 0
    if rows:
        yield _one(together)


def _one(batches: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    table = pa.Table.from_batches(batches).unify_dictionaries()
    (one,) = table.combine_chunks().to_batches()
    return one


def _readable(path: Path) -> AbstractContextManager[None]:
    return readable(path, pa.ArrowException)
