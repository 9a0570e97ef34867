import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.pulls import Mark, Pull

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SOON = NOON + timedelta(minutes=15)
LATER = NOON + timedelta(hours=1)
OPENAI = "bill/openai"


async def claimed(database, now=NOON, until=SOON, *, early=False):
    async with database.ledger() as ledger:
        return await ledger.pulls.claim(OPENAI, now, until, early=early)


async def test_a_source_never_asked_is_due(database):
    assert await claimed(database) == Pull(OPENAI, NOON)


async def test_only_one_of_many_gets_it(database):
    got = await asyncio.gather(*(claimed(database) for _ in range(5)))

    assert sum(one is not None for one in got) == 1


async def test_what_is_held_is_not_to_be_had_even_early_until_the_hold_ends(database):
    await claimed(database)

    assert await claimed(database, early=True) is None
    assert await claimed(database, now=SOON, until=LATER) is not None


async def test_who_lost_the_hold_cannot_go_on(database):
    await claimed(database)
    await claimed(database, now=SOON, until=LATER)

    async with database.ledger() as ledger:
        assert not await ledger.pulls.hold(OPENAI, SOON, LATER)
        assert await ledger.pulls.hold(OPENAI, LATER, LATER + timedelta(hours=1))


async def test_what_is_not_due_waits_unless_it_is_asked_early(database):
    pull = await claimed(database)
    async with database.ledger() as ledger:
        await ledger.pulls.save(replace(pull, due_at=LATER))
        await ledger.pulls.let_go(OPENAI)

    assert await claimed(database) is None
    assert await claimed(database, early=True) is not None


async def test_everything_about_a_pull_is_kept(database):
    await claimed(database)
    pull = Pull(
        OPENAI,
        LATER,
        through=NOON,
        at=SOON,
        told={NOON: Mark("abc"), SOON: Mark(""), LATER: Mark("abc", "2:1.5 7")},
        failures=3,
        succeeded_at=NOON,
        failed_at=SOON,
        error="OpenAI answers with a web page.",
    )

    async with database.ledger() as ledger:
        await ledger.pulls.save(pull)

    async with database.reading() as ledger:
        assert await ledger.pulls.get(OPENAI) == pull
        assert await ledger.pulls.all() == (pull,)
        assert await ledger.pulls.get("bill/nobody") is None
