import asyncio
from contextlib import suppress
from datetime import timedelta

from bot.telemetry.streams import Stream
from storage.columns import to_micros
from storage.database import Database
from tests.builders import MONDAY

NOW = to_micros(MONDAY)


def _fail():
    raise LookupError


async def advanced(database: Database, *points: tuple[str, int, int]):
    """Streams by name, minutes after Monday's opening and value."""
    async with database.ledger() as ledger:
        return await ledger.telemetry_streams.advance(
            [
                Stream(name, NOW, NOW + minutes * 60_000_000, value)
                for name, minutes, value in points
            ]
        )


async def test_what_is_new_is_told_in_the_order_of_the_points(database: Database):
    assert await advanced(database, ("b", 1, 10), ("a", 1, 5)) == (10, 5)
    assert await advanced(database, ("a", 2, 5), ("b", 2, 12), ("c", 2, 1)) == (0, 2, 1)


async def test_points_of_one_stream_in_one_batch_are_taken_in_the_order_of_time(
    database: Database,
):
    assert await advanced(database, ("a", 3, 30), ("a", 1, 10), ("a", 2, 20)) == (10, 10, 10)


async def test_what_was_undone_is_new_again(database: Database):
    async with database.ledger() as ledger:
        with suppress(LookupError):
            async with ledger.attempt():
                await ledger.telemetry_streams.advance([Stream("a", NOW, NOW, 5)])
                _fail()

    assert await advanced(database, ("a", 0, 5)) == (5,)


async def test_many_at_once_count_every_step_once(database: Database):
    steps = [(("a", n, n), ("b", n, 2 * n)) for n in (3, 1, 4, 1, 5, 9, 2, 6)]

    news = await asyncio.gather(*(advanced(database, *each) for each in steps))

    assert sum(a for a, _ in news) == 9
    assert sum(b for _, b in news) == 18


async def test_more_streams_than_a_statement_holds(database: Database):
    many = [(f"s-{n}", 1, n) for n in range(1, 1_200)]

    assert await advanced(database, *many) == tuple(range(1, 1_200))
    assert set(await advanced(database, *many)) == {0}


async def test_streams_that_ended_long_ago_are_forgotten(database: Database):
    await advanced(database, ("old", 0, 5), ("young", 60, 5))

    async with database.ledger() as ledger:
        await ledger.telemetry_streams.forget(MONDAY + timedelta(minutes=30))

    assert await advanced(database, ("old", 61, 5), ("young", 61, 5)) == (5, 0)
