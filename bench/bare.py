"""The bare driver: bulk insert of the same rows, with roll-up and period totals, in process."""

import sqlite3
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg

BATCH = 1_000
HOUR = 3_600_000_000

Row = tuple[Any, ...]
Periods = Sequence[tuple[str, int, int]]

USAGE = (
    "source",
    "id",
    "workflow",
    "declared",
    "at",
    "provider",
    "model",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "cost",
    "basis",
    "user",
    "run",
    "tags",
    "received_at",
    "account",
    "clues",
    "grain",
    "rule",
    "counts",
)
_NAMES = ", ".join(f'"{name}"' for name in USAGE)
_HOUR_SUMS = (
    "cost",
    "assumed",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "records",
    "unmetered",
)
_TOTAL_SUMS = ("cost", "assumed", "records", "unmetered", "late")


def _upsert(table: str, key: str, also: str, sums: Sequence[str], mark: str) -> str:
    names = [*key.split(", "), *([also] if also else []), *sums]
    names += ["last_at"] if table == "period_totals" else []
    adds = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in sums)
    quoted = ", ".join(f'"{name}"' for name in names)
    return (
        f"INSERT INTO {table} ({quoted}) VALUES ({', '.join([mark] * len(names))}) "  # noqa: S608
        f"ON CONFLICT ({key}) DO UPDATE SET {adds}"
    )


def _rolled(rows: Sequence[Row], periods: Periods) -> tuple[list[Row], list[Row]]:
    hours: dict[tuple[str, int, str, str], list[int]] = defaultdict(lambda: [0] * 7)
    totals: dict[tuple[str, str, int, int], list[int]] = defaultdict(lambda: [0] * 6)
    for row in rows:
        cost, at = row[11], row[4]
        sums = hours[row[2], at - at % HOUR, row[6], row[17]]
        sums[0] += cost
        sums[2] += row[7]
        sums[3] += row[8]
        sums[4] += row[9]
        sums[5] += 1
        for period in periods:
            total = totals[row[2], *period]
            total[0] += cost
            total[2] += 1
            total[5] = max(total[5], at)
    return (
        [(*key, *sums) for key, sums in sorted(hours.items())],
        [(*key, *sums) for key, sums in sorted(totals.items())],
    )


def _batches(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for at in range(0, len(rows), BATCH):
        yield rows[at : at + BATCH]


def sqlite(path: str, rows: Sequence[Row], periods: Periods) -> float:
    """Seconds. One commit a batch, synchronous=FULL."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-65536", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    usage = f"INSERT INTO usage ({_NAMES}) VALUES ({', '.join('?' * len(USAGE))})"  # noqa: S608
    hours = _upsert("usage_hours", "workflow, hour, model, account", "", _HOUR_SUMS, "?")
    totals = _upsert("period_totals", "workflow, cap, start", "end", _TOTAL_SUMS, "?")
    begun = time.perf_counter()
    for batch in _batches(rows):
        by_hour, by_period = _rolled(batch, periods)
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(usage, batch)
        connection.executemany(hours, by_hour)
        connection.executemany(totals, by_period)
        connection.execute("COMMIT")
    seconds = time.perf_counter() - begun
    connection.close()
    return seconds


def postgres(url: str, rows: Sequence[Row], periods: Periods, connections: int = 4) -> float:
    """Seconds. COPY and upserts, one commit a batch, over some connections at once."""
    batches = list(_batches(rows))
    begun = time.perf_counter()
    threads = [
        threading.Thread(target=_write, args=(url, batches, periods)) for _ in range(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begun


def _write(url: str, batches: list[Sequence[Row]], periods: Periods) -> None:
    hours = _unnested(
        _upsert("usage_hours", "workflow, hour, model, account", "", _HOUR_SUMS, "%s")
    )
    totals = _unnested(_upsert("period_totals", "workflow, cap, start", "end", _TOTAL_SUMS, "%s"))
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        while batches:
            batch = batches.pop()
            by_hour, by_period = _rolled(batch, periods)
            with cursor.copy(f"COPY usage ({_NAMES}) FROM STDIN") as copy:
                for row in batch:
                    copy.write_row(row)
            cursor.execute(hours, [list(column) for column in zip(*by_hour, strict=True)])
            cursor.execute(totals, [list(column) for column in zip(*by_period, strict=True)])
            connection.commit()


def _unnested(upsert: str) -> str:
    """One statement for all rows instead of one a row."""
    head, _, rest = upsert.partition(" VALUES (")
    marks, _, conflict = rest.partition(")")
    texts = (0, 2, 3) if "usage_hours" in head else (0, 1)
    lists = [f"%s::{'text' if at in texts else 'bigint'}[]" for at in range(len(marks.split(",")))]
    return f"{head} SELECT * FROM unnest({', '.join(lists)}) ORDER BY 1, 2, 3{conflict}"  # noqa: S608


def rows_of(usages: Sequence[Any], now: datetime) -> list[Row]:
    """As the product keeps them, made beforehand."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)

    def micros(moment: datetime) -> int:
        return round((moment - epoch).total_seconds() * 1_000_000)

    return [
        (
            one.source,
            one.id,
            one.workflow,
            "",
            micros(one.at),
            one.provider,
            one.model,
            one.input_tokens,
            one.output_tokens,
            one.cache_read_tokens,
            one.cache_write_tokens,
            one.nanos,
            one.basis.value,
            one.user,
            one.run,
            "",
            micros(now),
            one.account,
            "",
            one.grain.value,
            "declared",
            1,
        )
        for one in usages
    ]
