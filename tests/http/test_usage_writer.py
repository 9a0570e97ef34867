import asyncio

import pytest

from bot.usage import SentUsage, read_usage
from handlers.desk import Desk
from handlers.http.usage_writer import NotNow, UsageWriter
from storage.database import Database
from tests.builders import MONDAY


def a_batch(number, size=3):
    return [
        read_usage(SentUsage(id=f"{number}-{each}", at=MONDAY), "gateway", MONDAY)
        for each in range(size)
    ]


async def stopped(work):
    work.cancel()
    await asyncio.wait([work])


async def test_who_stops_books_what_is_waiting(database):
    writer = UsageWriter(Desk(database))
    work = asyncio.create_task(writer.run())
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(writer.book(a_batch(n))) for n in range(40)]
    await asyncio.sleep(0)

    await stopped(work)

    answers = await asyncio.gather(*waiting)
    assert {len(answer) for answer in answers} == {3}
    assert writer.full


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_what_waits_is_counted_in_records(database):
    writer = UsageWriter(Desk(database))
    waiting = [asyncio.create_task(writer.book(a_batch(n, 10_000))) for n in range(5)]
    await asyncio.sleep(0)
    assert writer.full

    work = asyncio.create_task(writer.run())
    await asyncio.gather(*waiting)

    assert not writer.full
    await stopped(work)


async def test_who_hangs_up_has_its_records_booked_all_the_same(database):
    writer = UsageWriter(Desk(database))
    impatient = asyncio.create_task(writer.book(a_batch(1)))
    await asyncio.sleep(0)
    impatient.cancel()
    work = asyncio.create_task(writer.run())

    answers = await writer.book(a_batch(1))

    assert {answer.outcome for answer in answers} == {"repeated"}
    await stopped(work)


async def test_a_database_that_is_away_is_said_to_be_so():
    database = Database("postgresql://nobody@/nowhere?host=/nowhere")
    writer = UsageWriter(Desk(database))
    work = asyncio.create_task(writer.run())

    with pytest.raises(NotNow):
        await writer.book(a_batch(1))

    await stopped(work)
    await database.close()
