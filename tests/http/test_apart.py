"""Large bodies are understood in other processes, which come and go with the bot."""

import asyncio
import os
import signal
import sys

import pytest
from fastapi import HTTPException

from handlers.http.apart import LARGE, Readers
from handlers.http.litellm.reading import read_events
from handlers.http.read import Malformed
from tests.builders import MONDAY

BODY = b" " * (LARGE + 1)
SERVING = """
import asyncio, os
from handlers.http.apart import LARGE, Readers
from tests.http.test_apart import where

async def main():
    print(os.getpid(), await Readers().read(where, b" " * (LARGE + 1)), flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def where(_body):
    return os.getpid()


def dies(_body):
    os._exit(1)


def kept(_body, *what):
    return what


@pytest.fixture(scope="module")
def readers():
    readers = Readers()
    yield readers
    readers.close()


async def test_what_is_large_is_read_by_another_process_and_what_is_small_here(readers):
    there = await readers.read(where, BODY)

    assert await readers.read(where, b"small") == os.getpid()
    assert there != os.getpid()
    assert await readers.read(where, BODY) == there


async def test_what_is_wrong_with_a_large_body_is_said_as_of_a_small_one(readers):
    with pytest.raises(Malformed, match="send what LiteLLM"):
        await readers.read(read_events, BODY, "gateway", MONDAY)


async def test_a_body_that_ends_its_process_is_asked_to_come_again_and_the_next_is_read(readers):
    with pytest.raises(HTTPException) as no:
        await readers.read(dies, BODY)

    assert (no.value.status_code, no.value.headers) == (503, {"Retry-After": "1"})
    assert await readers.read(where, BODY) != os.getpid()


async def test_a_body_that_unfolds_into_gigabytes_is_too_large(readers):
    with pytest.raises(HTTPException) as no:
        await readers.read(read_events, b"[" + b"{}," * 10_000_000 + b"{}]", "gateway", MONDAY)

    assert (no.value.status_code, no.value.detail) == (
        413,
        "It unfolds into more than can be held. Send fewer records at once.",
    )


async def test_ctrl_c_reaches_no_reader_so_that_each_answer_is_to_its_own_question(readers):
    there = await readers.read(where, BODY)
    os.kill(there, signal.SIGINT)

    told = await asyncio.gather(*(readers.read(kept, BODY, each) for each in range(5)))

    assert told == [(each,) for each in range(5)]
    assert await readers.read(where, BODY) == there


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
async def test_no_process_outlives_the_bot(end):
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SERVING,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    here, there = map(int, (await running.stdout.readline()).split())  # type: ignore[union-attr]

    os.kill(here, end)
    await running.wait()

    async with asyncio.timeout(10):
        while await is_running(there):
            await asyncio.sleep(0.01)


async def is_running(process):
    """Whoever is nobody's child any more may stay listed as a zombie."""
    pipe = asyncio.subprocess.PIPE
    ps = await asyncio.create_subprocess_exec("ps", "-o", "stat=", "-p", str(process), stdout=pipe)
    stat, _ = await ps.communicate()
    return bool(stat) and not stat.startswith(b"Z")
