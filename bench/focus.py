"""(f) `budget-bot import` of a FOCUS file against a bare read of it, the same sums, bulk insert.

    python -m bench.focus

A million rows: an hour each of 1,400 lines over a month, which is 42,000 charges. The bare baseline
reads the same columns with pyarrow, adds up the same groups in doubles, checks nothing, and inserts
what it has found, in one process that is running already; so is the door.
"""

import asyncio
import json
import random
import sqlite3
import statistics
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from bench.ingest import fresh_databases
from handlers.desk import Desk
from handlers.files.focus.reading import FocusOptions, open_focus, read_focus, replacements
from handlers.files.focus.sums import FocusSums
from handlers.flows.record_bill import record_bill
from storage.database import Database
from storage.schema import migrate

ROWS = 1_000_000
QUICK = 200_000
RUNS = 3
GOAL = 0.5
_LINES = 1_400
_PART = 100_000
_START = datetime(2026, 10, 1, tzinfo=UTC)
_END = datetime(2026, 11, 1, tzinfo=UTC)
_HOURS = 30 * 24

_KEYS = (
    *("ChargePeriodStart", "ProviderName", "ServiceName", "ServiceCategory", "ChargeCategory"),
    *("BillingAccountId", "SubAccountId", "SubAccountName", "ResourceId", "SkuMeter"),
    *("SkuPriceDetails", "ConsumedUnit", "Tags", "BillingCurrency"),
)
_SUMS = ("BilledCost", "EffectiveCost", "ListCost", "ConsumedQuantity")


@dataclass(frozen=True)
class Focus:
    """Rows a second, medians of interleaved runs."""

    database: str
    file: str
    door: float
    bare: float

    @property
    def ratio(self) -> float:
        return self.door / self.bare

    def __str__(self) -> str:
        return (
            f"(f) FOCUS {self.file:7}, {self.database:8} {self.door:9,.0f} rows/s of the bare "
            f"read's {self.bare:9,.0f}: ratio {self.ratio:.2f}   goal ≥ {GOAL:.2f}"
        )


def write(path: Path, rows: int) -> Path:
    """Parquet with doubles, as clouds write it, or CSV, by the path's name."""
    writer: Any = None
    for first in range(0, rows, _PART):
        part = pa.table(columns(first, min(_PART, rows - first)))
        if path.suffix == ".csv":
            writer = writer or pa.csv.CSVWriter(path, as_text(part).schema)
            writer.write_table(as_text(part))
        else:
            writer = writer or pa.parquet.ParquetWriter(path, part.schema)
            writer.write_table(part)
    writer.close()
    return path


def columns(first: int, rows: int) -> dict[str, Any]:
    lines = [_line(number) for number in range(_LINES)]
    numbers = range(first, first + rows)
    draw = random.Random(first)
    starts = [_START + timedelta(hours=at // _LINES % _HOURS) for at in numbers]
    instants = pa.timestamp("ms", "UTC")
    texts = {name: [lines[at % _LINES][name] for at in numbers] for name in lines[0]}
    listed = [draw.randrange(10**9) / 10**10 for _ in numbers]
    return texts | {
        "ListCost": listed,
        "BilledCost": [round(cost * 0.9, 10) for cost in listed],
        "EffectiveCost": [round(cost * 0.9, 10) for cost in listed],
        "ConsumedQuantity": [float(draw.randrange(10**6)) for _ in numbers],
        "ChargePeriodStart": pa.array(starts, instants),
        "ChargePeriodEnd": pa.array([at + timedelta(hours=1) for at in starts], instants),
        "BillingPeriodStart": pa.array([_START] * rows, instants),
        "BillingPeriodEnd": pa.array([_END] * rows, instants),
    }


def _line(number: int) -> dict[str, str]:
    direction = ("Input", "Output")[number % 2]
    account = 100_000_000_000 + number % 40
    return {
        "ProviderName": "Amazon Web Services",
        "ServiceName": "Amazon Bedrock",
        "ServiceCategory": "AI and Machine Learning",
        "ChargeCategory": "Usage",
        "BillingCurrency": "USD",
        "BillingAccountId": "100000000000",
        "SubAccountId": str(account),
        "SubAccountName": f"account {number % 40}",
        "ResourceId": f"arn:aws:bedrock:us-east-1:{account}:application-inference-profile/{number}",
        "SkuMeter": f"{direction} Tokens",
        "SkuPriceDetails": json.dumps(
            {"ModelId": "claude-sonnet-4-5", "TokenDirection": direction}
        ),
        "ConsumedUnit": "Tokens",
        "Tags": json.dumps({"workflow": f"workflow-{number % 50}", "stage": "live"}),
        "ChargeDescription": f"{direction} tokens of Claude Sonnet 4.5 in us-east-1",
    }


def as_text(part: pa.Table) -> pa.Table:
    plain = {name: part[name] for name in part.column_names}
    for name, column in plain.items():
        if pa.types.is_timestamp(column.type):
            plain[name] = pa.compute.strftime(column, "%Y-%m-%dT%H:%M:%SZ")
    return pa.table(plain)


def _bare(path: Path, url: str) -> None:
    rows = _bare_sums(path)
    marks = len(rows[0])
    if url.startswith("sqlite"):
        connection: Any = sqlite3.connect(url.removeprefix("sqlite:///"))
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"CREATE TABLE bare ({_bare_names('')}, PRIMARY KEY (a0, id))")
        connection.executemany(f"INSERT INTO bare VALUES ({', '.join('?' * marks)})", rows)  # noqa: S608
    else:
        connection = psycopg.connect(url)
        connection.execute(f"CREATE TABLE bare ({_bare_names('text')}, PRIMARY KEY (a0, id))")
        with connection.cursor().copy("COPY bare FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    connection.commit()
    connection.close()


def _bare_names(kind: str) -> str:
    names = [*(f"a{at}" for at in range(len(_KEYS) + len(_SUMS))), "id"]
    return ", ".join(f"{name} {kind}" for name in names)


def _bare_sums(path: Path) -> list[tuple[Any, ...]]:
    names = [*_KEYS, *_SUMS]
    reader: Any
    if path.suffix == ".csv":
        options = pa.csv.ConvertOptions(include_columns=names)
        reader = pa.csv.open_csv(path, convert_options=options)
    else:
        reader = pa.parquet.ParquetFile(path).iter_batches(columns=names)
    parts = [_grouped(_by_day(pa.Table.from_batches([batch]))) for batch in reader]
    found = _grouped(pa.concat_tables(parts))
    together = zip(*(column.to_pylist() for column in found.columns), strict=True)
    return [(str(row[0]), *row[1:], str(number)) for number, row in enumerate(together)]


def _by_day(rows: pa.Table) -> pa.Table:
    return rows.set_column(0, "ChargePeriodStart", pa.compute.floor_temporal(rows[0], unit="day"))


def _grouped(rows: pa.Table) -> pa.Table:
    sums = rows.group_by(list(_KEYS)).aggregate([(name, "sum") for name in _SUMS])
    return sums.rename_columns([name.removesuffix("_sum") for name in sums.column_names])


async def _door(path: Path, url: str) -> None:
    database = Database(url)
    with FocusSums() as sums:
        read_focus(open_focus([path], FocusOptions()), sums, lambda _: None)
        desk = Desk(database)
        async with database.ledger() as ledger:
            now = desk.now()
            for one in replacements(sums.terms(), None):
                for bill in one.bills(sums, now):
                    await record_bill(bill, ledger, desk, now)
    await database.close()


async def _prepared(url: str) -> str:
    database = Database(url)
    await migrate(database)
    await database.close()
    return url


async def measure(kind: str, path: Path, rows: int, runs: int = RUNS) -> Focus:
    """Raises AssertionError when the sums disagree."""
    doors, bares = [], []
    with fresh_databases(kind) as fresh:
        for _ in range(runs):
            url = await _prepared(fresh())
            begun = time.perf_counter()
            _bare(path, url)
            bares.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            await _door(path, url)
            doors.append(time.perf_counter() - begun)
            check(url)
    door, bare = rows / statistics.median(doors), rows / statistics.median(bares)
    return Focus(kind, path.suffix[1:], door, bare)


def check(url: str) -> None:
    """As many charges as the bare baseline has, and to the cent the same dollars."""
    lite = url.startswith("sqlite")
    connection: Any = (
        sqlite3.connect(url.removeprefix("sqlite:///")) if lite else psycopg.connect(url)
    )
    at = len(_KEYS) + _SUMS.index("EffectiveCost")
    bare = f"SELECT count(*), sum(CAST(a{at} AS {'REAL' if lite else 'numeric'})) FROM bare"  # noqa: S608
    lines, dollars = connection.execute(bare).fetchone()
    charges, nanos = connection.execute("SELECT count(*), sum(cost) FROM charges").fetchone()
    connection.close()
    assert (lines, round(float(dollars), 2)) == (charges, round(float(nanos) / 1e9, 2))


async def run(rows: int = ROWS) -> None:
    with TemporaryDirectory(prefix="bb") as folder:
        for name in ("focus.parquet", "focus.csv"):
            path = write(Path(folder) / name, rows)
            for kind in ("sqlite", "postgres"):
                print(await measure(kind, path, rows), flush=True)


if __name__ == "__main__":
    asyncio.run(run())
