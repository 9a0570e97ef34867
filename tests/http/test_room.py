"""What all doors hold at once is bounded."""

import asyncio
import gzip

import pytest

from handlers.http import bodies
from handlers.http.bodies import MOST_BYTES
from handlers.http.litellm import door
from handlers.http.room import MOST_HELD

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
PATHS = ["/v1/usage", "/litellm/logs", "/otlp/v1/logs"]
HEADERS = {"authorization": "Bearer open-sesame", "content-type": "application/json"}


@SQLITE
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
async def test_more_than_is_held_at_once_is_asked_to_come_again(machine, path, packed):
    async def slowly():
        for _ in range(3):
            yield b" " * (door.MOST_BYTES // 3)
        arrived.release()
        await going_on.wait()

    async def post(to, content, **headers):
        return await machine.client.post(to, content=content, headers=HEADERS | headers)

    arrived, going_on = asyncio.Semaphore(0), asyncio.Event()
    first = [asyncio.create_task(post("/litellm/logs", slowly())) for _ in range(3)]
    for _ in first:
        await arrived.acquire()
    body = b"[" + b" " * 1000
    headers = {"content-encoding": "gzip"} if packed else {}

    fourth = await post(path, gzip.compress(body) if packed else body, **headers)
    going_on.set()

    assert (fourth.status_code, fourth.headers["retry-after"]) == (503, "1")
    assert {one.status_code for one in await asyncio.gather(*first)} == {400}
    assert (await post(path, body)).status_code == 400
    assert machine.writer.room.held == 0


@SQLITE
async def test_small_ones_take_no_more_room_than_they_have(machine):
    with machine.writer.room.share() as share:
        share.grow(MOST_HELD - MOST_BYTES)
        answer = await machine.send(
            headers={"content-encoding": "gzip"}, json=None, content=gzip.compress(b"[]")
        )

    assert answer.status_code != 503


@SQLITE
@pytest.mark.parametrize("path", PATHS)
async def test_who_announces_a_body_and_does_not_send_it_keeps_nobody_out(
    machine, monkeypatch, path
):
    async def never():
        yield b"["
        arrived.release()
        await asyncio.Event().wait()

    monkeypatch.setattr(bodies, "PATIENCE", 0.2)
    arrived = asyncio.Semaphore(0)
    headers = HEADERS | {"content-length": str(door.MOST_BYTES)}
    waiting = [
        asyncio.create_task(machine.client.post("/litellm/logs", content=never(), headers=headers))
        for _ in range(4)
    ]
    for _ in waiting:
        await arrived.acquire()

    assert (await machine.client.post(path, content=b"[", headers=HEADERS)).status_code == 400
    assert {(await one).status_code for one in waiting} == {408}
    assert machine.writer.room.held == 0
