"""How soon a slash command is acknowledged, against a bare signed handler in the same run.

    python -m bench.slash_ack

Idle: rounds of the bare handler and the product take turns, one call at a time. Under load: the
same calls while `POST /v1/usage` is saturated over 32 connections.
"""

import asyncio
import itertools
import json
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

from bench.bare_slash import signature
from bench.records import furnish
from bench.running import database_url, free_port, percentile, process, running
from storage.database import Database
from storage.schema import migrate

ROUNDS, CALLS = 5, 200
COMMANDS = ("help", "status")
LOAD = {"connections": 32, "records": 400_000, "each": 100}
GOAL_RATIO, GOAL_MS = 2.0, 50.0
_APART = 0.02

_triggers = itertools.count()


@dataclass(frozen=True)
class Ack:
    """Milliseconds. `ratio`: the product's idle median to the bare handler's."""

    database: str
    command: str
    bare: float
    idle: float
    busy_p50: float
    busy_p99: float

    @property
    def ratio(self) -> float:
        return self.idle / self.bare

    def __str__(self) -> str:
        return (
            f"(b) /budget {self.command:6} {self.database:8} bare {self.bare:5.2f} ms   "
            f"idle {self.idle:5.2f} ms = {self.ratio:4.1f} × (goal ≤ {GOAL_RATIO:.0f})   "
            f"under load p50 {self.busy_p50:5.1f} ms, p99 {self.busy_p99:5.1f} ms "
            f"(goal ≤ {GOAL_MS:.0f})"
        )


class Caller:
    """One kept connection, as Slack keeps them."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def types(self, command: str) -> float:
        """Milliseconds until it is answered. Raises AssertionError unless well."""
        request = _request(command)
        begun = time.perf_counter()
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        body = await self._reader.readexactly(length)
        took = (time.perf_counter() - begun) * 1000
        assert head.startswith(b"HTTP/1.1 200"), head
        assert json.loads(body)["text"], body
        return took


@asynccontextmanager
async def calling(port: int) -> AsyncIterator[Caller]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    yield Caller(reader, writer)
    writer.close()


async def measure(kind: str) -> list[Ack]:
    bare_port = free_port()
    with database_url(kind) as url:
        database = Database(url)
        await migrate(database)
        await furnish(database)
        await database.close()
        async with (
            process("-m", "bench.bare_slash", str(bare_port), port=bare_port),
            running(url) as ports,
        ):
            idle = await _idle(bare_port, ports.bot)
            async with calling(ports.bot) as bot:
                busy = await _busy(bot, ports.bot)
    return [
        Ack(
            kind,
            command,
            idle["bare"],
            idle[command],
            percentile(busy[command], 0.5),
            percentile(busy[command], 0.99),
        )
        for command in COMMANDS
    ]


async def _idle(bare: int, bot: int) -> dict[str, float]:
    """The median over the rounds of each round's median."""
    calls = {"bare": (bare, "help")} | {command: (bot, command) for command in COMMANDS}
    medians: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS + 1):
        for name, (port, command) in calls.items():
            async with calling(port) as caller:
                times = [await caller.types(command) for _ in range(CALLS)]
            medians[name].append(statistics.median(times))
    # The first round fills caches.
    return {name: statistics.median(each[1:]) for name, each in medians.items()}


async def _busy(bot: Caller, port: int) -> dict[str, list[float]]:
    arguments = [str(number) for number in (port, *LOAD.values(), 2)]
    times: dict[str, list[float]] = {command: [] for command in COMMANDS}
    async with process("-m", "bench.load", *arguments) as load:
        assert load.stdin
        assert load.stdout
        await load.stdout.readline()  # it is ready
        load.stdin.write(b"go\n")
        done = asyncio.create_task(load.stdout.readline())
        while not done.done():
            for command in COMMANDS:
                times[command].append(await bot.types(command))
            await asyncio.sleep(_APART)
        told = json.loads(await done)
        assert told["accepted"] == LOAD["records"] / LOAD["each"], told
    return {command: sorted(each) for command, each in times.items()}


def _request(command: str) -> bytes:
    form = {
        "token": "none",
        "team_id": "T0BENCH",
        "channel_id": "C0BENCH",
        "user_id": "U0BENCH",
        "command": "/budget",
        "text": command,
        "response_url": "http://127.0.0.1:9/none",
        "trigger_id": f"{next(_triggers)}.{time.time_ns()}",
    }
    body, now = urlencode(form).encode(), str(int(time.time()))
    head = (
        "POST /slack/events HTTP/1.1\r\nHost: bench\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"X-Slack-Request-Timestamp: {now}\r\nX-Slack-Signature: {signature(now, body)}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def run() -> None:
    for kind in ("sqlite", "postgres"):
        for ack in await measure(kind):
            print(ack, flush=True)


if __name__ == "__main__":
    asyncio.run(run())
