"""(h) The most memory that `budget-bot import` of a FOCUS file of one gigabyte takes.

    python -m bench.gigabyte

The Parquet file is neither compressed nor has dictionaries, so that a gigabyte has to be read.
"""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from bench.focus import as_text, columns

BYTES = 1_000_000_000
GOAL_MB = 300
_PART = 50_000
_IMPORT = "from handlers.cli import main; main()"


@dataclass(frozen=True)
class Imported:
    """`peak`: resident, in MB."""

    file: str
    megabytes: float
    seconds: float
    peak: float

    def __str__(self) -> str:
        return (
            f"(h) import of {self.megabytes:,.0f} MB of {self.file:7} on SQLite in "
            f"{self.seconds:.0f} s: peak {self.peak:.0f} MB resident   goal ≤ {GOAL_MB} MB"
        )


def write(path: Path, size: int = BYTES) -> Path:
    """At least `size` bytes, by the path's name."""
    writer: Any = None
    first = 0
    while not path.exists() or path.stat().st_size < size:
        part = pa.table(columns(first, _PART))
        if path.suffix == ".csv":
            part = as_text(part)
            writer = writer or pa.csv.CSVWriter(path, part.schema)
        else:
            writer = writer or pa.parquet.ParquetWriter(
                path, part.schema, compression="none", use_dictionary=False
            )
        writer.write_table(part)
        first += _PART
    writer.close()
    return path


def imported(path: Path, folder: Path) -> Imported:
    """By a process of its own. Raises AssertionError when it fails."""
    url = f"sqlite:///{folder}/{path.name}.db"
    variables = {**os.environ, "BUDGET_BOT_DATABASE_URL": url}
    begun = time.perf_counter()
    process = os.posix_spawn(
        sys.executable, [sys.executable, "-c", _IMPORT, "import", str(path)], variables
    )
    _, status, used = os.wait4(process, 0)
    assert status == 0, status
    seconds = time.perf_counter() - begun
    # In bytes on macOS only.
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return Imported(path.suffix[1:], path.stat().st_size / 1e6, seconds, used.ru_maxrss / unit)


def run() -> None:
    with TemporaryDirectory(prefix="bb") as folder:
        for name in ("focus.parquet", "focus.csv"):
            path = write(Path(folder) / name)
            print(imported(path, Path(folder)), flush=True)
            path.unlink()


if __name__ == "__main__":
    run()
