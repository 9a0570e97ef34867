"""(a) Durable `POST /v1/usage` over HTTP against the bare driver's bulk insert of the same rows.

    python -m bench.ingest

The door: `budget-bot serve`, 100 records a request over 32 connections, sent by another process.
The bare driver: the same rows into the same tables, 1,000 a commit, with roll-up, in process.
"""

import asyncio
import json
import sqlite3
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import psycopg

from bench import bare
from bench.records import furnish, sent, usages
from bench.running import database_url, process, running
from bot.periods import BEGINNING, CALENDAR_KINDS, Calendar, period_of
from storage.columns import to_micros
from storage.database import Database
from storage.schema import migrate

CONNECTIONS = 32
EACH = 100
NUMBER = 200_000
QUICK = 50_000
RUNS = 3
GOALS = {"sqlite": 0.60, "postgres": 0.70}


@dataclass(frozen=True)
class Ingest:
    """Records a second, medians of interleaved runs; milliseconds of one post."""

    database: str
    door: float
    driver: float
    p50: float
    p99: float

    @property
    def ratio(self) -> float:
        return self.door / self.driver

    def __str__(self) -> str:
        return (
            f"(a) POST /v1/usage, {self.database:8} {self.door:9,.0f} records/s of the bare "
            f"driver's {self.driver:9,.0f}: ratio {self.ratio:.2f}   "
            f"goal ≥ {GOALS[self.database]:.2f}   "
            f"(a post: p50 {self.p50:.0f} ms, p99 {self.p99:.0f} ms)"
        )


async def measure(kind: str, number: int = NUMBER, runs: int = RUNS) -> Ingest:
    """Raises AssertionError when something acknowledged is missing or sums disagree."""
    doors: list[dict[str, Any]] = []
    drivers: list[float] = []
    with fresh_databases(kind) as fresh:
        for run in range(1, runs + 1):
            drivers.append(_driver(await prepared(fresh()), number, run))
            doors.append(await _door(await prepared(fresh()), number, run))
    return Ingest(
        kind,
        number / statistics.median(door["seconds"] for door in doors),
        number / statistics.median(drivers),
        statistics.median(door["p50"] for door in doors),
        statistics.median(door["p99"] for door in doors),
    )


@contextmanager
def fresh_databases(kind: str) -> Iterator[Callable[[], str]]:
    """Each call gives the URL of another empty database."""
    if kind == "sqlite":
        with TemporaryDirectory(prefix="bb") as folder:
            yield lambda: f"sqlite:///{Path(folder)}/{uuid4().hex}.db"
        return
    with database_url(kind) as base:
        plain, _, query = base.partition("?")

        def fresh() -> str:
            name = f"b{uuid4().hex}"
            with psycopg.connect(base, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}")
            return f"{plain.rsplit('/', 1)[0]}/{name}?{query}"

        yield fresh


async def prepared(url: str) -> str:
    database = Database(url)
    await migrate(database)
    await furnish(database)
    await database.close()
    return url


def _driver(url: str, number: int, seed: int) -> float:
    now = datetime.now(UTC)
    rows = bare.rows_of(usages(list(sent(number, now, seed)), now), now)
    write = bare.sqlite if url.startswith("sqlite") else bare.postgres
    seconds = write(url.removeprefix("sqlite:///"), rows, periods(now))
    check(url, number)
    return seconds


def periods(now: datetime) -> list[tuple[str, int, int]]:
    calendars = (Calendar(BEGINNING, "Europe/Berlin"),)
    found = [period_of(kind, now, calendars) for kind in CALENDAR_KINDS]
    spans = [(one.kind.value, to_micros(one.start), to_micros(one.end)) for one in found]
    return [*spans, ("total", 0, 10**17)]


async def _door(url: str, number: int, seed: int) -> dict[str, Any]:
    async with running(url) as ports:
        arguments = map(str, (ports.bot, CONNECTIONS, number, EACH, seed))
        async with process("-m", "bench.load", *arguments) as load:
            # It says so when its requests are built, and begins when it is told to.
            assert await load.stdout.readline()  # type: ignore[union-attr]
            told, _ = await load.communicate(b"\n")
    result: dict[str, Any] = json.loads(told)
    assert result["accepted"] * EACH >= number
    check(url, result["accepted"] * EACH)
    return result


_SUMS = (
    "SELECT count(*), sum(cost) FROM usage",
    "SELECT sum(records), sum(cost) FROM usage_hours",
    "SELECT sum(records), sum(cost) FROM period_totals WHERE cap = 'weekly'",
    "SELECT sum(records), sum(cost) FROM period_totals WHERE cap = 'monthly'",
)
_DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


def check(url: str, acknowledged: int) -> None:
    """All that was acknowledged is stored, all sums agree, and nothing waited in a circle."""
    lite = url.startswith("sqlite")
    connection: Any = (
        sqlite3.connect(url.removeprefix("sqlite:///")) if lite else psycopg.connect(url)
    )
    sums = {tuple(map(int, connection.execute(one).fetchone())) for one in _SUMS}
    assert len(sums) == 1, sums
    assert sums.pop()[0] >= acknowledged
    if not lite:
        assert connection.execute(_DEADLOCKS).fetchone() == (0,)
    connection.close()


async def run(number: int = NUMBER) -> None:
    for kind in GOALS:
        print(await measure(kind, number), flush=True)


if __name__ == "__main__":
    asyncio.run(run())
