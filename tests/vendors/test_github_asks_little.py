"""A day that is settled costs GitHub one question, and more only where it has changed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.charges import DAY
from handlers.desk import Desk
from handlers.settings import Settings
from handlers.vendors.asking import Patience
from handlers.vendors.connectors import connectors
from handlers.vendors.pulling import Puller
from tests.vendors.standin import Asked, Standin, status
from tests.vendors.teams import SEATS, GitHub

HURRIED = Patience(attempts=2, first=0, longest=1, silence=5, whole=5)
TEAM = ("lena", "mo", "nia")
pytestmark = pytest.mark.usefixtures("clock")


@dataclass
class Month:
    """Every day the same but the `odd` ones: by the day of the month."""

    odd: dict[int, dict[str, tuple[str, str]]] = field(default_factory=dict)

    def __call__(self, asked: Asked) -> Any:
        day = int(dict(asked.query).get("day", 0))
        used = self.odd.get(day, dict.fromkeys(TEAM, ("2", "1")))
        return GitHub(used, seats=list(TEAM))(asked)


@pytest.fixture(scope="module")
def served() -> Iterator[Standin]:
    with Standin(Month()).open() as standin:
        yield standin


@pytest.fixture
def github(served: Standin) -> Standin:
    served.answer = Month()
    served.faults.clear()
    served.asked.clear()
    return served


class Asks:
    def __init__(self, database, github):
        self.desk, self.github = Desk(database), github
        settings = Settings(github_url=github.url, github_token="t", github_organisation="acme")
        (self.connector,) = connectors(settings)

    async def pull(self, since=None):
        """How many questions each day of the month took, seats apart."""
        self.github.asked.clear()
        puller = Puller(self.desk, (self.connector,), HURRIED)
        done = await puller.pull(self.connector, early=True, since=since)
        days = [dict(one.query) for one in self.github.asked if one.path != SEATS]
        return done, Counter(int(one["day"]) for one in days if one["month"] == "11")

    async def booked(self, day):
        at = datetime(2026, 11, day, tzinfo=UTC)
        async with self.desk.database.reading() as ledger:
            lines = await ledger.charges.of_day("github.copilot", at)
        return {charge.person: charge.cost for _, charge in lines}


@pytest.fixture
def asks(database, github, clock):
    """It is the sixth, nine o'clock."""
    clock.move_to(datetime(2026, 11, 6, 9, tzinfo=UTC))
    return Asks(database, github)


async def test_a_settled_day_takes_one_question_and_the_trailing_days_all(asks, clock):
    _, first = await asks.pull()
    clock.tick(DAY)
    done, then = await asks.pull()

    # Three days old were those until the 2nd.
    assert first == dict.fromkeys(range(1, 7), 4)
    assert then == dict.fromkeys(range(1, 3), 1) | dict.fromkeys(range(3, 8), 4)
    assert (done.error, done.through) == ("", datetime(2026, 11, 7, tzinfo=UTC))
    assert await asks.booked(2) == dict.fromkeys(TEAM, 1)


async def test_a_settled_day_that_is_corrected_is_asked_of_everybody(asks, clock):
    await asks.pull()
    clock.tick(DAY)
    asks.github.answer = Month({2: {"lena": ("2", "1"), "mo": ("2", "1.5"), "nia": ("2", "1")}})
    _, then = await asks.pull()
    clock.tick(DAY)
    _, later = await asks.pull()

    assert (then[2], then[1], later[2]) == (4, 1, 1)
    assert await asks.booked(2) == {"lena": 1, "mo": Decimal("1.5"), "nia": 1}


async def test_a_settled_day_of_which_nothing_is_told_is_doubted_once(asks, clock):
    await asks.pull()
    clock.tick(DAY)
    asks.github.answer = Month({2: {}})

    doubted, _ = await asks.pull()
    assert "tells nothing any more of 02 Nov 2026" in doubted.error
    assert await asks.booked(2) == dict.fromkeys(TEAM, 1)

    await asks.pull()
    assert await asks.booked(2) == {}


async def test_a_pull_that_breaks_off_among_settled_days_goes_on_behind_them(asks, clock):
    await asks.pull()
    clock.tick(DAY)
    asks.github.faults = [None] + [status(500)] * 2

    broken, _ = await asks.pull()
    done, rest = await asks.pull()

    assert broken.error
    assert (done.error, min(rest), rest[2]) == ("", 2, 1)


async def test_whoever_asks_by_hand_asks_for_all(asks, clock):
    await asks.pull()
    clock.tick(timedelta(hours=1))
    _, by_hand = await asks.pull(since=datetime(2026, 11, 2, tzinfo=UTC))

    assert by_hand == dict.fromkeys(range(2, 7), 4)
