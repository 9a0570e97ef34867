"""Real processes on a real port: killed at any moment, and two on one database."""

import asyncio
import contextlib
import os
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from storage.database import Database
from tests.builders import a_team, a_workflow
from tests.servers import NO_TLS

SERVING = Path(__file__).parent / "serving.py"
ROOT = SERVING.parent.parent.parent
KEY = {"authorization": "Bearer open-sesame"}
NOW = datetime.now(UTC).isoformat()
WORKFLOWS = [f"workflow-{number}" for number in range(5)]


def a_record(id):
    return {"id": id, "workflow": WORKFLOWS[hash(id) % 5], "at": NOW, "cost": "0.000000001"}


@asynccontextmanager
async def process(database: Database) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = database.url.render_as_string(hide_password=False)
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        SERVING,
        url,
        str(port),
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    try:
        await _answering(port)
        yield running, f"http://127.0.0.1:{port}/v1/usage"
    finally:
        with contextlib.suppress(ProcessLookupError):
            running.kill()
        await running.wait()


async def _answering(port):
    for _ in range(300):
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        await asyncio.sleep(0.1)


async def send(client, url, ids, acknowledged):
    with contextlib.suppress(httpx.TransportError):
        answer = await client.post(url, headers=KEY, json=[a_record(id) for id in ids])
        if answer.status_code == 202:
            acknowledged.update(ids)


async def registered(database):
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team())
        for key in WORKFLOWS:
            await ledger.workflows.add(a_workflow(key=key))


async def booked(database):
    """The ids, their number and cost, and what roll-ups and each kind of total say of both."""
    async with database.reading() as ledger:
        connection = await ledger.spend._session.connection()
        ids = await connection.execute(text("SELECT id FROM usage"))
        sums = [
            (await connection.execute(text(statement))).one()
            for statement in (
                "SELECT count(*), sum(cost) FROM usage",
                "SELECT sum(records), sum(cost) FROM usage_hours",
                *(
                    f"SELECT sum(records), sum(cost) FROM period_totals WHERE cap = '{cap}'"
                    for cap in ("daily", "weekly", "monthly", "total")
                ),
            )
        ]
        return {id for (id,) in ids}, {tuple(map(int, one)) for one in sums}


async def test_a_killed_process_loses_nothing_it_acknowledged(database):
    await registered(database)
    acknowledged: set[str] = set()
    draw = random.Random(4)
    for life in range(3):
        async with process(database) as (running, url), httpx.AsyncClient(verify=NO_TLS) as client:
            sending = asyncio.gather(
                *(
                    send(client, url, [f"{life}-{n}-{each}" for each in range(7)], acknowledged)
                    for n in range(80)
                )
            )
            enough = len(acknowledged) + draw.randrange(1, 300)
            while len(acknowledged) < enough:
                await asyncio.sleep(draw.uniform(0, 0.01))
            running.send_signal(signal.SIGKILL)
            await sending

    assert acknowledged
    ids, sums = await booked(database)
    assert acknowledged <= ids
    assert sums == {(len(ids), len(ids))}


async def test_a_process_that_is_told_to_stop_answers_what_it_took(database):
    await registered(database)
    acknowledged: set[str] = set()
    async with process(database) as (running, url), httpx.AsyncClient(verify=NO_TLS) as client:
        await send(client, url, ["first"], acknowledged)
        sending = asyncio.gather(*(send(client, url, [f"r-{n}"], acknowledged) for n in range(50)))
        await asyncio.sleep(0.1)
        running.terminate()
        await sending
        await running.wait()

    ids, sums = await booked(database)
    assert ids == acknowledged
    assert sums == {(len(ids), len(ids))}


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_two_processes_book_the_same_records_once_and_never_wait_in_a_circle(database):
    await registered(database)
    acknowledged: set[str] = set()
    draw = random.Random(7)
    async with (
        process(database) as (_, one),
        process(database) as (_, other),
        httpx.AsyncClient(timeout=60, verify=NO_TLS) as client,
    ):
        posts = [[f"r-{draw.randrange(3000)}" for _ in range(50)] for _ in range(150)]
        await asyncio.gather(
            *(send(client, url, ids, acknowledged) for ids in posts for url in (one, other))
        )

    ids, sums = await booked(database)
    assert ids == acknowledged == {id for post in posts for id in post}
    assert sums == {(len(ids), len(ids))}
    async with database.reading() as ledger:
        connection = await ledger.spend._session.connection()
        deadlocks = await connection.execute(
            text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        )
        assert deadlocks.scalar() == 0
