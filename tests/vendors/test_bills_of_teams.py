"""The bills of GitHub, Cursor and OpenRouter, booked: broken off, told again, corrected."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.charges import DAY
from handlers.desk import Desk
from handlers.settings import Settings
from handlers.vendors import cursor
from handlers.vendors.asking import Patience
from handlers.vendors.connector import Connector
from handlers.vendors.connectors import connectors
from handlers.vendors.cursor import cursor_events
from handlers.vendors.examination import examined
from handlers.vendors.pulling import Puller
from tests.vendors.standin import Standin, breaks_off, status
from tests.vendors.teams import Cursor, GitHub, activity

SINCE = datetime(2026, 11, 19, tzinfo=UTC)
HURRIED = Patience(attempts=2, first=0, longest=1, silence=5, whole=5)
pytestmark = pytest.mark.usefixtures("clock")


def github(url: str) -> Connector:
    settings = Settings(github_url=url, github_token="ghp-x", github_organisation="acme")
    return connectors(settings)[0]


def cursor_(url: str) -> Connector:
    vendor = cursor.vendor(Settings(cursor_url=url, cursor_key="key_x"))
    assert vendor is not None
    return cursor_events(vendor, timedelta())


def openrouter(url: str) -> Connector:
    return connectors(Settings(openrouter_url=url, openrouter_key="sk-or-x"))[0]


@dataclass(frozen=True)
class Case:
    """What the days from the 19th to now, the 23rd at nine, come to."""

    connector: Callable[[str], Connector]
    answer: Callable[[], Any]
    lines: int
    total: str


CASES = {
    # Five days of three people, and one line without a person.
    "github": Case(
        github,
        lambda: GitHub(
            {"lena": ("2", "1.5"), "mo": ("3", "0"), "nia": ("1", "1"), "gone": ("4", "0.25")},
            seats=["lena", "mo", None, "nia"],
            size=2,
        ),
        20,
        "13.75",
    ),
    # An event every nine hours, and two equal ones at the end.
    "cursor": Case(
        cursor_,
        lambda: Cursor([f"{n}.25" for n in range(11)], size=1, apart=9 * 3_600_000),
        11,
        "0.5775",
    ),
    # Four days, since the fifth is not over.
    "openrouter": Case(openrouter, lambda: activity, 20, "2.5"),
}


@pytest.fixture(scope="module")
def served() -> Iterator[Standin]:
    with Standin(activity).open() as standin:
        yield standin


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, served: Standin) -> Case:
    case = CASES[request.param]
    served.answer = case.answer()
    served.faults.clear()
    served.asked.clear()
    return case


@pytest.fixture
def desk(database) -> Desk:
    return Desk(database)


@pytest.fixture
def pull(desk, case, served):
    connector = case.connector(served.url)
    puller = Puller(desk, (connector,), HURRIED)

    async def pull(since=SINCE):
        return await puller.pull(connector, early=True, since=since)

    return pull


async def booked(desk):
    async with desk.database.reading() as ledger:
        return [
            charge
            for account in ("github.copilot", "cursor", "openrouter")
            for ago in range(-2, 7)
            for _, charge in await ledger.charges.of_day(account, SINCE + ago * DAY)
        ]


async def sum_of(desk):
    charges = await booked(desk)
    return len(charges), sum((charge.cost for charge in charges), Decimal(0))


async def test_a_bill_is_booked_whole_and_told_again_it_is_the_same(desk, case, pull):
    first = await pull()
    again = await pull()

    assert (first.error, again.error) == ("", "")
    assert await sum_of(desk) == (case.lines, Decimal(case.total))


async def test_a_bill_that_breaks_off_goes_on_without_loss_or_doubles(desk, case, pull, served):
    served.faults += [None] * 3 + [breaks_off] * 2

    broken = await pull()

    assert "broke off" in broken.error
    assert (await sum_of(desk))[0] < case.lines
    assert (await pull(since=None)).error == ""
    assert await sum_of(desk) == (case.lines, Decimal(case.total))


async def test_throttled_it_comes_back_when_it_may(desk, case, pull, served):
    served.faults += [None, status(429, {"Retry-After": "1800"})]

    throttled = await pull()

    assert "too many questions" in throttled.error
    assert throttled.due_at >= desk.now() + timedelta(minutes=30)
    await pull(since=None)
    assert await sum_of(desk) == (case.lines, Decimal(case.total))


async def test_a_lie_books_nothing_and_is_told(desk, pull, served, case):
    honest = served.answer
    served.answer = lambda _: {"data": [{"usage": "much"}], "usageEvents": 5, "usageItems": None}

    assert (await pull()).error != ""
    assert await sum_of(desk) == (0, 0)

    served.answer = honest
    await pull()
    assert await sum_of(desk) == (case.lines, Decimal(case.total))


async def test_days_that_are_over_become_final(desk, pull):
    await pull()
    await pull()

    first = [charge for charge in await booked(desk) if charge.start < SINCE + DAY]
    assert all(charge.final for charge in first)
    assert first


@pytest.mark.parametrize("case", ["openrouter"], indirect=True)
async def test_what_is_too_long_ago_to_be_told_stays_booked(desk, case, pull, clock):
    await pull()

    clock.tick(timedelta(days=40))
    for _ in range(3):
        await pull()

    assert await sum_of(desk) == (case.lines, Decimal(case.total))


@pytest.mark.parametrize("case", ["cursor"], indirect=True)
async def test_equal_events_count_each_and_corrected_ones_as_they_are_now(desk, pull, served):
    served.answer = Cursor(["1.5", "1.5", "1.5"], apart=0)
    await pull()
    assert await sum_of(desk) == (3, Decimal("0.045"))

    served.answer = Cursor(["1.5", "2.5"], apart=0)
    await pull()

    assert await sum_of(desk) == (2, Decimal("0.04"))


async def findings(desk, case, served):
    found = await examined(case.connector(served.url), desk)
    return {one.about: f"{one.state.name}: {one.says} {one.todo}" for one in found}


async def test_a_test_says_in_words_that_all_is_well(desk, case, served):
    said = await findings(desk, case, served)

    assert {text.partition(":")[0] for text in said.values()} <= {"WELL", "DOUBTFUL"}
    assert "22 Nov 2026" in said["last day"]


@pytest.mark.parametrize(
    ("case", "code", "words"),
    [
        ("github", 401, "does not accept BUDGET_BOT_GITHUB_TOKEN"),
        ("github", 404, "Administration: read"),
        ("cursor", 401, "an Admin API key of the team"),
        ("openrouter", 403, "a management key"),
    ],
    indirect=["case"],
)
async def test_a_test_says_what_the_credential_must_be(desk, case, served, code, words):
    served.faults = [status(code)]

    said = await findings(desk, case, served)

    assert any(words in text for text in said.values())
