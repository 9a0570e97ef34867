"""Whether files are FOCUS files, by what they begin with: the reading itself takes far more."""

import csv
import gzip
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from bot.refusal import Refusal
from handlers.files.focus.columns import is_focus

PARQUET = b"PAR1"
GZIP = b"\x1f\x8b"
_SUFFIXES = (".csv", ".csv.gz", ".gz", ".parquet")
# What pyarrow says of a row that ends neither in its block nor in the next.
_TOO_LONG = "straddles two block boundaries"
_LONGEST = 1_000_000
_DELIMITERS = ",;\t|"


class NotReadable(Refusal):
    """The file is damaged, cut off, or no table."""


class NoFiles(Refusal):
    """There is nothing to read."""


class Mixed(Refusal):
    """Usage and bills are read in other ways."""


def parts_of(paths: Sequence[Path]) -> list[Path]:
    """Clouds cut an export into parts, which lie in a folder. Raises NoFiles."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        found += [one for one in inside if one == path or one.name.lower().endswith(_SUFFIXES)]
    if not found:
        raise NoFiles(f"There is no CSV or Parquet file in {', '.join(map(str, paths))}.")
    return found


def looks_like_focus(path: Path) -> bool:
    """No other Parquet file is read. Raises NotReadable."""
    return starts_with(path, PARQUET) or is_focus(text_header(path)[1])


def are_focus(paths: Sequence[Path]) -> bool:
    """Raises Mixed, NotReadable."""
    bills = [path for path in paths if looks_like_focus(path)]
    others = [path for path in paths if path not in bills]
    if bills and others:
        raise Mixed(
            f"Import bills and usage apart: {bills[0].name} is a FOCUS file, "
            f"{others[0].name} is not."
        )
    return bool(bills)


def starts_with(path: Path, mark: bytes) -> bool:
    with readable(path), path.open("rb") as file:
        return file.read(len(mark)) == mark


def text_header(path: Path) -> tuple[str, list[str]]:
    """The delimiter that makes the most columns, and their names."""
    with readable(path), opened_text(path) as text:
        line = text.readline(_LONGEST).strip("\r\n")
        delimiter = max(_DELIMITERS, key=line.count)
        header = next(csv.reader([line], delimiter=delimiter), [])
    if path.suffix.lower() == ".parquet" and not is_focus(header):
        raise NotReadable(f"{path.name} is no Parquet file.")
    return delimiter, header


@contextmanager
def opened_text(path: Path) -> Iterator[TextIOWrapper]:
    compressed = starts_with(path, GZIP)
    with path.open("rb") as file:
        plain: Any = gzip.GzipFile(fileobj=file) if compressed else file
        with TextIOWrapper(plain, "utf-8-sig", errors="replace", newline="") as text:
            yield text


@contextmanager
def readable(path: Path, *faults: type[Exception]) -> Iterator[None]:
    """Raises NotReadable for what a damaged file makes its readers raise; `faults` are more."""
    known: tuple[type[Exception], ...] = (zlib.error, EOFError, UnicodeError, csv.Error, *faults)
    try:
        yield
    except known as error:
        first = str(error).split("\n", 1)[0][:200]
        if _TOO_LONG in first:
            raise NotReadable(
                f"{path.name} has a row of more than 500 kB, or a quote that is never closed."
            ) from None
        raise NotReadable(
            f"{path.name} cannot be read to its end: it is damaged or cut off ({first})."
        ) from None
    except OSError as error:
        why = error.strerror or f"it is damaged or cut off ({error})"
        raise NotReadable(f"{path} cannot be read: {why}.") from None
