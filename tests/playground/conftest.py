import pytest

from playground.config import Config
from playground.server import create
from tests.playground.receiver import Receiver
from tests.playground.threaded import running
from tests.playground.town import PLAIN, SECRET, visiting


@pytest.fixture(scope="session")
def capital():
    """One playground for all tests that need no settings of their own, put back before each."""
    bot = Receiver()
    with running(bot.app()) as address:
        config = Config(**PLAIN, bot_url=f"{address}/slack/events", signing_secret=SECRET)
        with running(create(config)) as url:
            yield url, bot


@pytest.fixture
async def town(capital):
    url, bot = capital
    async with visiting(url, bot) as visited:
        await visited.does("reset")
        for memory in (bot.received, bot.own, bot.answers):
            memory.clear()
        yield visited
