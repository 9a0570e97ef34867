"""(d) Month to date of one workflow, at ten thousand records, at a million and at ten million.

python -m bench.standing [--quick]
"""

import asyncio
import statistics
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy

from bench.ingest import fresh_databases
from bench.records import WORKFLOWS, furnish
from bot.caps import running_period
from bot.periods import CapKind
from storage.columns import to_micros
from storage.database import Database
from storage.schema import migrate

FEW = 10_000
MANY = 10_000_000
QUICK = 1_000_000
GOAL = 1.2
_QUESTIONS = 100
_REPEATS = 21

_NUMBERS = {
    True: """WITH RECURSIVE numbers(n) AS
(SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {most})""",
    False: "WITH numbers(n) AS (SELECT generate_series(1, {most}))",
}
# Made inside the database: how records get in is measured elsewhere.
_FILL = """
INSERT INTO usage (source, id, workflow, declared, at, provider, model, input_tokens,
output_tokens, cost, basis, "user", run, tags, received_at)
SELECT 'gateway', 'req-' || n,
'workflow-' || substr('0' || (n % 50), length('0' || (n % 50)) - 1),
'', {start} + n, 'openai', 'gpt-4o', 1000, 100, 3500, 'computed', '', '', '', {start}
FROM numbers"""


@dataclass(frozen=True)
class Standing:
    """Microseconds of one question, at few records and at many."""

    database: str
    records: int
    few: float
    many: float

    @property
    def ratio(self) -> float:
        return self.many / self.few

    def __str__(self) -> str:
        return (
            f"(d) month to date, {self.database:8} {self.few:6.0f} µs at {FEW:,} records, "
            f"{self.many:6.0f} µs at {self.records:,}: ratio {self.ratio:.2f}   goal ≤ {GOAL}"
        )


async def measure(kind: str, many: int = MANY) -> Standing:
    """Asked in turns, so that what else the machine does falls on both."""
    now = datetime.now(UTC)
    with fresh_databases(kind) as fresh:
        databases = [await _filled(fresh(), number, now) for number in (FEW, many)]
        took: list[list[float]] = [[], []]
        for _ in range(_REPEATS):
            for times, database in zip(took, databases, strict=True):
                times.append(await _asked(database, now))
        for database in databases:
            await database.close()
    return Standing(kind, many, *(statistics.median(times) for times in took))


async def _filled(url: str, number: int, now: datetime) -> Database:
    """The records, and from them the sums, as the product's own rebuild adds them up."""
    database = Database(url)
    await migrate(database)
    await furnish(database)
    start = to_micros(now.replace(hour=0, minute=0, second=0, microsecond=0))
    fill = (_NUMBERS[database.is_sqlite] + _FILL).format(most=number, start=start)
    async with database.engine.begin() as connection:
        await connection.execute(sqlalchemy.text(fill.replace(":", "\\:")))
    async with database.ledger() as ledger:
        await ledger.usage.rebuild()
    return database


async def _asked(database: Database, now: datetime) -> float:
    async with database.reading() as ledger:
        workflow = await ledger.workflows.get(WORKFLOWS[7])
        month = running_period(workflow, CapKind.MONTHLY, now)
        begun = time.perf_counter()
        for _ in range(_QUESTIONS):
            spent = await ledger.spend.of(workflow.key, month)
            assert spent.records
        return (time.perf_counter() - begun) / _QUESTIONS * 1e6


async def run(many: int = MANY) -> None:
    for kind in ("sqlite", "postgres"):
        for number in sorted({QUICK, many}):
            print(await measure(kind, number), flush=True)


if __name__ == "__main__":
    asyncio.run(run(QUICK if "--quick" in sys.argv else MANY))
