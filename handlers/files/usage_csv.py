"""A CSV file of usage, row by row: however large it is, one row is held at a time."""

import codecs
import csv
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec

from bot.refusal import Refusal
from bot.sources import IMPORT, Kind
from bot.usage import NotUsage, Usage, read_usage
from handlers.files.usage_columns import Columns, columns_of

_CHUNK = 1_000_000
_LONGEST_LINE = 1_000_000
_DIGITS = 16
_DELIMITERS = ",;\t"
_BOM = codecs.BOM_UTF8
_OTHER_KINDS = {
    codecs.BOM_UTF16_LE: "UTF-16 text",
    codecs.BOM_UTF16_BE: "UTF-16 text",
    b"PK\x03\x04": "a spreadsheet or an archive",
    b"\x1f\x8b": "a compressed file",
}


class NotCsv(Refusal):
    """The file as a whole cannot be read."""


class _Reader(Protocol):
    line_num: int

    def __next__(self) -> list[str]: ...


@dataclass(frozen=True)
class Reading:
    """How a person wants a file read. `renamed`: field by column."""

    renamed: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    zone: str | None = None


@dataclass(frozen=True)
class UsageFile:
    """A file that was looked through once. `size` in bytes; `digest` names its content."""

    path: Path
    size: int
    digest: str
    delimiter: str
    columns: Columns

    def rows(
        self, now: datetime, at_byte: Callable[[int], None]
    ) -> Iterator[tuple[int, Usage | NotUsage]]:
        """Each row with the line it begins on. Without an id column, rows are named by number."""
        with self.path.open("rb") as file:
            records = _records(_lines(file, self.size, at_byte), self.delimiter)
            next(records)
            for number, (line, cells) in enumerate(records, 1):
                yield line, self._row(cells, number, now)

    def _row(self, cells: list[str] | csv.Error, number: int, now: datetime) -> Usage | NotUsage:
        if isinstance(cells, csv.Error):
            return NotUsage(f"The row cannot be read: {cells}.")
        try:
            sent = self.columns.read(cells, f"{self.digest}-{number}")
            return msgspec.structs.replace(read_usage(sent, IMPORT, now), kind=Kind.FILE)
        except NotUsage as no:
            return no


def open_usage(path: Path, reading: Reading) -> UsageFile:
    """Look the whole file through once. Raises Refusal: what it is, or which column is missing."""
    try:
        size, digest = _scanned(path)
    except OSError as error:
        raise NotCsv(f"{path} cannot be read: {error.strerror}.") from None
    delimiter, header = _header(path, size)
    columns = columns_of(header, reading.renamed, reading.constants, reading.zone)
    return UsageFile(path, size, digest, delimiter, columns)


def _scanned(path: Path) -> tuple[int, str]:
    size, line, run, digest = 0, 1, 0, hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            _check_kind(chunk if size == 0 else b"")
            digest.update(chunk)
            _check_text(decoder, chunk, line)
            first, last = chunk.find(b"\n"), chunk.rfind(b"\n")
            _check_length(run + (first if first >= 0 else len(chunk)), line)
            run = run + len(chunk) if last < 0 else len(chunk) - last
            line += chunk.count(b"\n")
            size += len(chunk)
    _check_text(decoder, b"", line, final=True)
    return size, digest.hexdigest()[:_DIGITS]


def _check_kind(start: bytes) -> None:
    for magic, kind in _OTHER_KINDS.items():
        if start.startswith(magic):
            raise NotCsv(f"The file is {kind}: save it as CSV in UTF-8.")


def _check_text(
    decoder: codecs.IncrementalDecoder, chunk: bytes, line: int, *, final: bool = False
) -> None:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError as error:
        at = line + error.object.count(b"\n", 0, error.start)
        raise NotCsv(f"Line {at} is not UTF-8 text: save the file as CSV in UTF-8.") from None


def _check_length(length: int, line: int) -> None:
    if length > _LONGEST_LINE:
        raise NotCsv(
            f"Line {line} has more than a million characters: this is no CSV file with lines."
        )


def _header(path: Path, size: int) -> tuple[str, list[str]]:
    """The delimiter that makes the most columns, and their names."""
    found: dict[str, list[str]] = {}
    for delimiter in _DELIMITERS:
        with path.open("rb") as file:
            records = _records(_lines(file, size, lambda _: None), delimiter)
            _, cells = next(records, (1, []))
        if not isinstance(cells, csv.Error):
            found[delimiter] = cells
    delimiter = max(found, key=lambda each: len(found[each]), default=",")
    if not found.get(delimiter):
        raise NotCsv("The file is empty.")
    return delimiter, found[delimiter]


def _lines(file: BinaryIO, size: int, at_byte: Callable[[int], None]) -> Iterator[str]:
    """Up to `size`: a file that grows meanwhile is another file."""
    if file.read(len(_BOM)) != _BOM:
        file.seek(0)
    while (at := file.tell()) < size:
        at_byte(at)
        yield file.readline(size - at).decode()


def _records(lines: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """With the line each begins on. Blank lines, and Excel's `sep=;`, are none."""
    reader: _Reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, error
            continue
        if cells and not (line == 1 and _is_hint(cells)):
            yield line, cells


def _is_hint(cells: Sequence[str]) -> bool:
    return cells[0].casefold().startswith("sep=")
