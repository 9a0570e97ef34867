"""The running bot asks vendors by itself, beside the clock, and stops when it is told to."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from handlers.main import build
from handlers.settings import Settings
from storage.database import Database
from tests.vendors.standin import KEY, Anthropic, OpenAI, Standin, vendors

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


FIRST = TODAY.replace(day=1) - timedelta(days=1)


@pytest.fixture
def server() -> Iterator[Standin]:
    bill = OpenAI({FIRST: [("p", "k", "gpt-6, input", Decimal("1.25"))]})
    with Standin(vendors(bill, Anthropic())).open() as server:
        yield server


@pytest.fixture
def bot(database, server):
    settings = Settings(
        _env_file=None,
        openai_admin_key=KEY,
        openai_url=server.url,
        slack_api_url="http://127.0.0.1:1/",
        slack_bot_token="xoxb-nobody",
    )
    return build(settings, database)


async def test_a_bill_is_pulled_while_the_bot_runs_and_left_when_it_stops(database, bot):
    async with asyncio.timeout(60), bot.app.router.lifespan_context(bot.app):
        while not (told := await costs(database)):
            await asyncio.sleep(0.02)

    assert told == [Decimal("1.25")]
    now = datetime.now(UTC)
    # The bot closed its own.
    after = Database(database.url.render_as_string(hide_password=False))
    async with after.ledger() as ledger:
        for pull in await ledger.pulls.all():
            assert pull.error == ""
            assert await ledger.pulls.claim(pull.source, now, now, early=True) is not None
    await after.close()


async def costs(database):
    async with database.reading() as ledger:
        told = await ledger.charges.of_day("openai", FIRST)
    return [charge.cost for source, charge in told if source == "bill/openai"]
