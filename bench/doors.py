"""(f) OTLP spans in protobuf and (g) LiteLLM's batches, over HTTP, against the bare decode plus the
bare driver's bulk insert of the same rows.

    python -m bench.doors [--quick]

The bare side decodes the same bodies (protobuf's own parser; msgspec into plain objects), walks
nothing, checks nothing, and inserts rows that were made beforehand.
"""

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from bench import bare
from bench.ingest import check, fresh_databases, periods, prepared
from bench.records import sent, usages
from bench.running import process, running
from bench.wire import events, parts, spans
from bot.usage import SentUsage

CONNECTIONS = 8
EACH = 512
RUNS = 3
GOAL = 0.5


@dataclass(frozen=True)
class Door:
    """`number` records; `decode` is the bare one."""

    mark: str
    name: str
    number: int
    quick: int
    worded: Callable[[Sequence[SentUsage]], bytes]
    decode: Callable[[bytes], object]


DOORS = (
    Door("f", "otlp", 102_400, 25_600, spans, TracesData.FromString),
    Door("g", "litellm", 20_480, 5_120, events, msgspec.json.decode),
)


@dataclass(frozen=True)
class Taken:
    """Records a second, medians of interleaved runs."""

    door: Door
    database: str
    taken: float
    bare: float

    def __str__(self) -> str:
        return (
            f"({self.door.mark}) {self.door.name:8} {self.database:8} {self.taken:9,.0f} records/s "
            f"of the bare {self.bare:9,.0f}: ratio {self.taken / self.bare:.2f}   goal ≥ {GOAL}"
        )


async def measure(door: Door, kind: str, number: int) -> Taken:
    """Raises AssertionError when something acknowledged is missing or sums disagree."""
    doors: list[float] = []
    bares: list[float] = []
    with fresh_databases(kind) as fresh:
        for run in range(1, RUNS + 1):
            bares.append(_bare(door, await prepared(fresh()), number, run))
            doors.append(await _through(door, await prepared(fresh()), number, run))
    return Taken(door, kind, number / statistics.median(doors), number / statistics.median(bares))


def _bare(door: Door, url: str, number: int, seed: int) -> float:
    now = datetime.now(UTC)
    records = list(sent(number, now, seed))
    posted = [door.worded(some) for some in parts(records, EACH)]
    rows = bare.rows_of(usages(records, now), now)
    begun = time.perf_counter()
    for body in posted:
        door.decode(body)
    decoded = time.perf_counter() - begun
    write = bare.sqlite if url.startswith("sqlite") else bare.postgres
    return decoded + write(url.removeprefix("sqlite:///"), rows, periods(now))


async def _through(door: Door, url: str, number: int, seed: int) -> float:
    async with running(url) as ports:
        arguments = map(str, (ports.bot, CONNECTIONS, number, EACH, seed, door.name))
        async with process("-m", "bench.load", *arguments) as load:
            assert await load.stdout.readline()  # type: ignore[union-attr]
            told, _ = await load.communicate(b"\n")
    result: dict[str, Any] = json.loads(told)
    assert result["accepted"] * EACH >= number, result
    check(url, number)
    seconds: float = result["seconds"]
    return seconds


async def run(*, quick: bool = False) -> None:
    for door in DOORS:
        for kind in ("sqlite", "postgres"):
            print(await measure(door, kind, door.quick if quick else door.number), flush=True)


if __name__ == "__main__":
    asyncio.run(run(quick="--quick" in sys.argv))
