"""What becomes of a transaction whose task is cancelled."""

import asyncio
import random
import sqlite3

import pytest

from storage.database import Database
from tests.builders import a_team


async def writes_on(database):
    while True:
        async with database.ledger() as ledger:
            await ledger.teams.save(a_team())
            await ledger.teams.all()


async def cut_off(database, seconds):
    """Returns what the task was cancelled with: it holds on to all that was under way."""
    task = asyncio.create_task(writes_on(database))
    await asyncio.sleep(seconds)
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    return caught.value


# PostgreSQL's server sees a connection end.
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_whoever_is_cut_off_while_writing_leaves_the_file_to_the_next(database):
    url, chance = database.url.render_as_string(hide_password=False), random.Random(3)
    remembered = []

    for _ in range(40):
        own = Database(url)
        remembered.append(await cut_off(own, chance.uniform(0.005, 0.03)))
        await own.close()
        with sqlite3.connect(database.url.database, timeout=0) as other:
            other.execute("BEGIN IMMEDIATE")
        other.close()

    assert len(remembered) == 40
