"""Two replicas book, bill, attribute anew and settle the same days at the same moment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from random import Random

import msgspec
import pytest
import stamina

from bot.attribution import Clue, Clues, Rule
from bot.charges import DAY, Bill, Charge, Stretch
from bot.sources import Kind
from bot.usage import SentUsage, Usage, read_usage
from storage.usage import RegistryKeepsChanging
from tests.billing import FIRST, NOW, ZONES, Act, World

ACCOUNTS = ("openai", "anthropic")
KEYS = ("k1", "k2", "k3")
ROUNDS = 4

# As the writer of usage and the clock do: all these sources are met for the first time at once.
# Who waits in a circle fails here, though that is tried again, too.
again = stamina.retry(on=RegistryKeepsChanging, attempts=4, wait_initial=0.02, wait_max=0.5)


def a_record(random: Random) -> Usage:
    """Of few ids, so that most correct one another."""
    sent = SentUsage(
        str(random.randrange(30)),
        FIRST + timedelta(hours=random.randrange(72)),
        random.choice(("", *ZONES)),
        provider=random.choice(ACCOUNTS),
        model="gpt-4o",
        cost=Decimal(random.randrange(10**6)) / 10**5,
        key=random.choice(KEYS),
    )
    source = random.choice(("gateway", "program"))
    kind = Kind.GATEWAY if source == "gateway" else Kind.API
    return msgspec.structs.replace(read_usage(sent, source, NOW), kind=kind)


def a_bill(random: Random) -> Bill:
    account, day = random.choice(ACCOUNTS), FIRST + random.randrange(3) * DAY
    lines = tuple(
        Charge(
            f"{day:%d}-{number}",
            account,
            day,
            day + random.choice((1, 2)) * DAY,
            Decimal(random.randrange(10**6)) / 10**5,
            final=True,
            clues=Clues(key=random.choice(("", *KEYS))),
        )
        for number in range(random.randrange(4))
    )
    return Bill(f"bill/{account}", Stretch(day, day + DAY), lines)


def a_rule(random: Random) -> Act:
    rule = Rule(Clue.KEY, random.choice(KEYS), random.choice(sorted(ZONES)))
    return Act(rule.id, (rule, random.random() < 0.3))


async def books(world: World, random: Random) -> None:
    for _ in range(ROUNDS):
        batch = [a_record(random) for _ in range(random.randrange(1, 20))]
        await again(world.record)(batch)


async def bills(world: World, random: Random) -> None:
    for _ in range(ROUNDS):
        await again(world.do)(Act("", a_bill(random)))


async def rules(world: World, random: Random) -> None:
    for _ in range(ROUNDS // 3):
        await again(world.do)(a_rule(random))


async def settles(world: World, others: asyncio.Event) -> None:
    while not others.is_set():
        await again(world.tick)()


@asynccontextmanager
async def two(url: str) -> AsyncIterator[tuple[World, World]]:
    one, other = World(url), World(url)
    await one.begin()
    try:
        yield one, other
    finally:
        await one.database.close()
        await other.database.close()


@pytest.mark.parametrize("seed", range(3))
async def test_nothing_is_lost_and_nobody_waits_in_a_circle(postgres_url, migrated_postgres, seed):
    random, over = Random(seed), asyncio.Event()
    async with two(postgres_url(migrated_postgres)) as (one, other):
        settling = [asyncio.create_task(settles(world, over)) for world in (one, other, one, other)]
        work = [act(world, random) for act in (books, bills, books) for world in (one, other)]
        work.append(rules(one, random))
        try:
            await asyncio.gather(*work)
        finally:
            over.set()
        await asyncio.gather(*settling)
        await one.run_dry()
        await other.check()
