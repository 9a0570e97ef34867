"""From the 202 of a batch that crosses a threshold to the alert's request arriving at Slack.

    python -m bench.alert_latency

One workflow and one channel for each crossing, so that no post waits for another's pace.
"""

import asyncio
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import httpx

from bench.records import SECRET
from bench.running import Running, database_url, percentile, running
from bot.periods import BEGINNING, Calendar
from bot.teams import Team
from bot.workflows import Caps, Status, Workflow
from storage.database import Database
from storage.schema import migrate

CROSSINGS = 200
GOAL_MS = 50.0
_APART = 0.05
_PATIENCE = 20.0


@dataclass(frozen=True)
class Latency:
    """Milliseconds. Negative: Slack had it before the 202 was read."""

    database: str
    alerts: int
    p50: float
    p99: float

    def __str__(self) -> str:
        return (
            f"(c) 202 → Slack, {self.database:8} {self.alerts} alerts: "
            f"p50 {self.p50:6.1f} ms   p99 {self.p99:6.1f} ms   goal ≤ {GOAL_MS:.0f} ms"
        )


async def measure(kind: str, crossings: int = CROSSINGS) -> Latency:
    """Raises AssertionError unless every channel got its alert, and got it once."""
    with database_url(kind) as url:
        database = Database(url)
        await migrate(database)
        await _furnish(database, crossings)
        await database.close()
        async with running(url) as ports:
            accepted = await _cross(ports, crossings)
            arrived = await _arrivals(ports, crossings)
    times = sorted((arrived[channel] - at) / 1e6 for channel, at in accepted.items())
    return Latency(kind, len(times), percentile(times, 0.5), percentile(times, 0.99))


async def _furnish(database: Database, crossings: int) -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    async with database.ledger() as ledger:
        await ledger.teams.save(Team("bench", "Bench", "C0BENCH", "Europe/Berlin"))
        for number in range(crossings):
            workflow = Workflow(
                _workflow(number),
                f"Bench {number}",
                "bench",
                owner=f"U0{number:04d}",
                channel=_channel(number),
                caps=Caps(weekly=Decimal(100), monthly=Decimal(1_000)),
                status=Status.ACTIVE,
                status_since=since,
                activated_at=since,
                calendars=(Calendar(BEGINNING, "Europe/Berlin"),),
            )
            await ledger.workflows.add(workflow)


async def _cross(ports: Running, crossings: int) -> dict[str, int]:
    """When each channel's 202 was read, by the monotonic clock in nanoseconds."""
    accepted = {}
    headers = {"Authorization": f"Bearer {SECRET}", "Content-Type": "application/json"}
    async with httpx.AsyncClient(headers=headers, timeout=30) as client:
        # The first calls of a process fill its caches; nobody waits for an alert then.
        for number in range(-20, crossings):
            answer = await client.post(
                f"http://127.0.0.1:{ports.bot}/v1/usage", content=_batch(number)
            )
            accepted[_channel(number)] = time.monotonic_ns()
            assert answer.status_code == httpx.codes.ACCEPTED, answer.text
            await asyncio.sleep(_APART)
    return {channel: at for channel, at in accepted.items() if not channel.startswith("C0-")}


def _batch(number: int) -> str:
    """Ten records; the last one takes a workflow to 80 of 100 dollars."""
    common = {"workflow": _workflow(number), "model": "gpt-4o", "provider": "openai"}
    at = datetime.now(UTC).isoformat()
    costs = ["0.10"] * 9 + ["79.10" if number >= 0 else "0.10"]
    return json.dumps(
        [
            {"id": f"{number}-{each}", "source": "bench", "at": at, "cost": cost, **common}
            for each, cost in enumerate(costs)
        ]
    )


async def _arrivals(ports: Running, crossings: int) -> dict[str, int]:
    until = time.monotonic() + _PATIENCE
    channels = set(map(_channel, range(crossings)))
    async with httpx.AsyncClient() as client:
        while True:
            answer = await client.get(f"http://127.0.0.1:{ports.slack}/arrivals")
            posts = [(channel, at) for channel, at in answer.json() if channel in channels]
            if len(posts) >= crossings or time.monotonic() > until:
                break
            await asyncio.sleep(0.1)
    assert len(posts) == len({channel for channel, _ in posts}) == crossings, "not each once"
    return dict(posts)


def _workflow(number: int) -> str:
    return f"bench-{number:04d}"


def _channel(number: int) -> str:
    return f"C0{number:04d}"


async def run() -> None:
    for kind in ("sqlite", "postgres"):
        print(await measure(kind), flush=True)


if __name__ == "__main__":
    asyncio.run(run())
