"""A vendor takes longer to answer than a replica may hold its bill: it is asked once."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from handlers.desk import Desk
from handlers.vendors.holding import HOLD
from handlers.vendors.openai import openai_costs
from handlers.vendors.pulling import Puller
from handlers.vendors.vendor import Vendor
from storage.tables import PullRow
from tests.vendors.standin import KEY, OpenAI, Standin

TODAY = datetime(2026, 11, 23, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def server() -> Iterator[Standin]:
    with Standin(OpenAI({TODAY: [("p", "k", "gpt-6, input", Decimal("1.25"))]})).open() as server:
        yield server


@pytest.fixture
def connector(server):
    headers = {"Authorization": f"Bearer {KEY}"}
    return openai_costs(Vendor("OpenAI", server.url, "BUDGET_BOT_KEY", "an admin key", headers))


@pytest.fixture
def desk(database):
    return Desk(database)


class Slow:
    """A connector whose vendor is about to answer until it is told to go on."""

    def __init__(self, connector):
        self.asked, self.answers, self.stopped = asyncio.Event(), asyncio.Event(), False
        self._honest = connector
        self.connector = replace(connector, fetch=self._fetch)

    async def _fetch(self, asking, step):
        self.asked.set()
        try:
            await self.answers.wait()
        except asyncio.CancelledError:
            self.stopped = True
            raise
        return await self._honest.fetch(asking, step)


async def held_until(desk):
    """As another replica sees it: from when on the bill may be claimed."""
    async with AsyncSession(desk.database.engine) as session:
        return (await session.exec(select(PullRow.held_until))).one()


async def seen(desk, until):
    async with asyncio.timeout(20):
        while await held_until(desk) != until:
            await asyncio.sleep(0.01)


async def test_a_bill_is_held_for_as_long_as_its_vendor_takes(desk, server, connector, clock):
    slow = Slow(connector)
    first = Puller(desk, (slow.connector,), hold_on_every=0.02)
    second = Puller(desk, (connector,))

    pulling = asyncio.create_task(first.pull_due())
    await slow.asked.wait()
    for _ in range(4):
        clock.tick(HOLD - timedelta(minutes=1))
        await seen(desk, desk.now() + HOLD)
        assert await second.pull(connector, early=True) is None
    slow.answers.set()

    assert await pulling == 1
    days = [asked["start_time"] for asked in server.asked]
    assert len(days) == len(set(days)) > 1
    assert await costs(desk) == [Decimal("1.25")]
    assert await held_until(desk) is None


async def test_who_has_lost_a_bill_asks_its_vendor_no_longer(desk, connector):
    slow = Slow(connector)
    first = Puller(desk, (slow.connector,), hold_on_every=0.02)

    pulling = asyncio.create_task(first.pull_due())
    await slow.asked.wait()
    async with desk.database.ledger() as ledger:
        await ledger.pulls.let_go("bill/openai")
    assert await Puller(desk, (connector,)).pull(connector, early=True) is not None

    async with asyncio.timeout(20):
        await pulling
    assert slow.stopped
    assert await costs(desk) == [Decimal("1.25")]


async def costs(desk):
    async with desk.database.reading() as ledger:
        return [charge.cost for _, charge in await ledger.charges.of_day("openai", TODAY)]
