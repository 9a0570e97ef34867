"""Several book the same records at the same moment."""

import asyncio
from contextlib import AsyncExitStack
from decimal import Decimal

import psycopg
import pytest

from bot.usage import CORRECTED, REPEATED, SentUsage, Usage, read_usage
from storage.database import Database, is_passing
from storage.usage import RegistryKeepsChanging
from tests.builders import MONDAY, a_team, a_workflow

# More than the tries of a booking.
NAMES = [f"w{number}" for number in range(8)]


def a_usage(name: str, id: str = "r-1", workflow: str = "") -> Usage:
    sent = SentUsage(id=id, workflow=workflow, at=MONDAY, cost=Decimal(len(id)))
    return read_usage(sent, name, MONDAY)


async def book(database, *usages):
    async with database.ledger() as ledger:
        return await ledger.usage.record(usages, MONDAY)


@pytest.fixture
async def registered(database):
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team())
        for name in NAMES:
            await ledger.workflows.add(a_workflow(key=name))
    return database


async def test_a_batch_may_correct_records_of_any_number_of_workflows(registered):
    await book(registered, *(a_usage("gateway", name, name) for name in NAMES))
    elsewhere = Database(registered.url.render_as_string(hide_password=False))

    recorded = await book(elsewhere, *(a_usage("gateway", name) for name in NAMES))
    await elsewhere.close()

    assert recorded.answers == (CORRECTED,) * len(NAMES)
    assert recorded.corrected == set(NAMES)


# SQLite has one writer.
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_whoever_finds_its_records_booked_one_after_the_other_books_all_the_same(registered):
    await book(registered, *(a_usage(name, "first", name) for name in NAMES))
    async with AsyncExitStack() as stack:
        others = [AsyncExitStack() for _ in NAMES]
        for name, other in zip(NAMES, others, strict=True):
            await stack.enter_async_context(other)
            ledger = await other.enter_async_context(registered.ledger())
            await ledger.usage.record([a_usage(name, "r-1", name)], MONDAY)
        mine = asyncio.create_task(
            book(registered, *(a_usage(name, "r-1", NAMES[0]) for name in NAMES))
        )
        for other in others:
            await _somebody_waits(registered)
            await other.aclose()
        recorded = await mine

    assert recorded.answers == (REPEATED, *[CORRECTED] * (len(NAMES) - 1))


async def test_a_registry_that_has_just_changed_is_no_reason_to_give_up():
    assert is_passing(RegistryKeepsChanging())
    assert is_passing(psycopg.errors.DeadlockDetected())
    assert not is_passing(psycopg.errors.UniqueViolation())


async def _somebody_waits(database):
    waits = "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) "
    waits += "WHERE NOT granted AND datname = current_database()"
    async with asyncio.timeout(20):
        while True:
            async with database.engine.connect() as connection:
                if (await connection.exec_driver_sql(waits)).scalar_one():
                    return
            await asyncio.sleep(0.01)
