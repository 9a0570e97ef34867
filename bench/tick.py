"""(e) A tick of the clock with nothing due, and the longest transaction of the ticks while a
thousand workflows are over their caps, against a transaction that changes one row.

    python -m bench.tick

In process. Whoever writes to SQLite waits as long as the longest transaction.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy import event

from bench.ingest import fresh_databases
from bench.records import KEY
from bot.periods import BEGINNING, Calendar
from bot.teams import Team
from bot.usage import SentUsage, read_usage
from bot.workflows import Caps, Status, Workflow
from handlers.clock import TICK_SECONDS, tick
from handlers.desk import Desk
from storage.database import Database
from storage.schema import migrate

WORKFLOWS = 1_000
TEAMS = 50
GOAL_IDLE = 15.0
GOAL_LONGEST = 500.0
_IDLE = 41
_BUSY = 12
_START = datetime(2026, 11, 24, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Tick:
    """Milliseconds: a bare transaction, an idle tick (medians), and the longest transaction."""

    database: str
    bare: float
    idle: float
    longest: float

    def __str__(self) -> str:
        return (
            f"(e) tick, {self.database:8} bare transaction {self.bare:5.2f} ms   "
            f"idle {self.idle:5.1f} ms = {self.idle / self.bare:4.1f} × (goal ≤ {GOAL_IDLE:.0f})   "
            f"longest transaction with {WORKFLOWS:,} due {self.longest:5.0f} ms = "
            f"{self.longest / self.bare:4.0f} × (goal ≤ {GOAL_LONGEST:.0f})"
        )


@dataclass(frozen=True)
class _DeskAt(Desk):
    at: datetime = BEGINNING

    def now(self) -> datetime:
        return self.at


async def measure(kind: str) -> Tick:
    """Bare and idle are asked in turns, so that what else the machine does falls on both."""
    with fresh_databases(kind) as fresh:
        database = Database(fresh())
        await migrate(database)
        await tick(_DeskAt(database, at=_START))
        bare, idle = [], []
        for _ in range(_IDLE):
            bare.append(await _timed(lambda: _touch(database)))
            idle.append(await _timed(lambda: tick(_DeskAt(database, at=_START))))
        await _overspend(database)
        with _transactions(database) as took:
            for number in range(1, _BUSY + 1):
                at = _START + number * timedelta(seconds=TICK_SECONDS) + timedelta(minutes=5)
                await tick(_DeskAt(database, at=at))
        await database.close()
    return Tick(kind, statistics.median(bare), statistics.median(idle), max(took))


async def _timed(act: Callable[[], Awaitable[None]]) -> float:
    begun = time.perf_counter()
    await act()
    return (time.perf_counter() - begun) * 1000


async def _touch(database: Database) -> None:
    async with database.ledger() as ledger:
        await ledger.organisation.touch()


@contextmanager
def _transactions(database: Database) -> Iterator[list[float]]:
    """How long each one on the writing connections takes, from when it has the writer."""
    took: list[float] = []
    begun: dict[int, float] = {}
    engine = database.engine.sync_engine

    def begin(connection: object) -> None:
        begun[id(connection)] = time.perf_counter()

    def end(connection: object) -> None:
        took.append((time.perf_counter() - begun.pop(id(connection))) * 1000)

    heard = (("begin", begin), ("commit", end), ("rollback", end))
    for name, hear in heard:
        event.listen(engine, name, hear)
    yield took
    for name, hear in heard:
        event.remove(engine, name, hear)


async def _overspend(database: Database) -> None:
    since = _START - timedelta(days=60)
    async with database.ledger() as ledger:
        for team in range(TEAMS):
            key = f"team-{team:02d}"
            await ledger.teams.save(Team(key, key, f"C0BENCH{team:02d}", "Europe/Berlin"))
        for number in range(WORKFLOWS):
            team_key = f"team-{number % TEAMS:02d}"
            await ledger.workflows.add(_workflow(f"workflow-{number:04d}", team_key, since))
    sent = (
        SentUsage(
            id=f"req-{number}",
            at=_START - timedelta(hours=1),
            workflow=f"workflow-{number:04d}",
            provider="openai",
            model="gpt-4o",
            cost=Decimal(110),
        )
        for number in range(WORKFLOWS)
    )
    async with database.ledger() as ledger:
        await ledger.usage.record([read_usage(one, KEY, _START) for one in sent], _START)


def _workflow(key: str, team: str, since: datetime) -> Workflow:
    return Workflow(
        key,
        key,
        team,
        owner="U0OWEN",
        caps=Caps(weekly=Decimal(100)),
        status=Status.ACTIVE,
        status_since=since,
        activated_at=since,
        calendars=(Calendar(BEGINNING, "Europe/Berlin"),),
    )


async def run() -> None:
    for kind in ("sqlite", "postgres"):
        print(await measure(kind), flush=True)


if __name__ == "__main__":
    asyncio.run(run())
