"""OpenRouter's activity, asked for a day at a time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from bot.charges import Stretch
from handlers.settings import Settings
from handlers.vendors.asking import Asking, Patience
from handlers.vendors.connector import Told
from handlers.vendors.connectors import connectors
from handlers.vendors.lines import check
from handlers.vendors.trouble import NotPermitted, NotUnderstood, Unanswered
from tests.servers import NO_TLS
from tests.vendors.standin import Standin, breaks_off, cut, instead, status, web_page
from tests.vendors.teams import a_row, activity

NOW = datetime(2026, 11, 20, 9, 40, tzinfo=UTC)
DAY = timedelta(days=1)
YESTERDAY = datetime(2026, 11, 19, tzinfo=UTC)
HURRIED = Patience(attempts=3, first=0, longest=1, silence=1, whole=2)


@pytest.fixture(scope="module")
def served() -> Iterator[Standin]:
    with Standin(activity).open() as standin:
        yield standin


@pytest.fixture
def openrouter(served: Standin) -> Standin:
    served.faults.clear()
    served.asked.clear()
    return served


async def told(openrouter: Standin, day: datetime = YESTERDAY, now: datetime = NOW) -> Told:
    (one,) = connectors(Settings(openrouter_url=openrouter.url, openrouter_key="sk-or-secret"))
    step = Stretch(day, day + DAY)
    async with httpx.AsyncClient(verify=NO_TLS) as http:
        pages = await one.fetch(Asking(http, one.vendor, lambda: now, HURRIED), step)
    said = one.parse(pages, step, now)
    check("OpenRouter", said.charges, step)
    return said


async def test_a_day_is_asked_for_by_workspace(openrouter):
    said = await told(openrouter)

    assert sum(charge.cost for charge in said.charges) == Decimal("0.625")
    assert {charge.clues.project for charge in said.charges} == {"ws-0", "ws-1"}
    (asked,) = openrouter.asked
    assert asked.path == "/api/v1/activity"
    assert dict(asked.query) == {"date": "2026-11-19", "group_by": "workspace"}
    assert asked.headers["authorization"] == "Bearer sk-or-secret"


@pytest.mark.parametrize(
    ("day", "now"),
    [
        pytest.param(YESTERDAY + DAY, NOW, id="today is not over"),
        pytest.param(YESTERDAY, YESTERDAY + DAY + timedelta(minutes=20), id="nor is midnight"),
        pytest.param(YESTERDAY - 30 * DAY, NOW, id="longer ago than it is told"),
    ],
)
async def test_a_day_that_is_not_told_is_not_asked_for(openrouter, day, now):
    assert (await told(openrouter, day, now)).charges == ()
    assert openrouter.asked == []


async def test_thirty_days_are_told(openrouter):
    assert len((await told(openrouter, YESTERDAY - 29 * DAY)).charges) == 5


@pytest.mark.parametrize(
    "fault",
    [status(500), status(429, {"Retry-After": "0"}), breaks_off],
    ids=["fails", "throttles", "breaks off"],
)
async def test_a_fault_on_the_way_loses_nothing(openrouter, fault):
    openrouter.faults = [fault, fault]

    assert len((await told(openrouter)).charges) == 5


async def test_throttled_for_longer_it_says_when_to_come_back(openrouter):
    openrouter.faults = [status(429, {"Retry-After": "120"})]

    with pytest.raises(Unanswered) as trouble:
        await told(openrouter)

    assert trouble.value.again == timedelta(minutes=2)


async def test_a_key_that_calls_models_is_told_what_it_must_be(openrouter):
    openrouter.faults = [status(403)]

    with pytest.raises(NotPermitted, match=r"BUDGET_BOT_OPENROUTER_KEY .*a management key"):
        await told(openrouter)


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        pytest.param(instead({"data": None}), "data", id="no list"),
        pytest.param(
            instead({"data": [a_row("2026-11-18", "e", "w")]}), "tells of 18 Nov", id="another day"
        ),
        pytest.param(
            instead({"data": [a_row("2026-11-19", "e", "w")] * 2}), "twice", id="a line twice"
        ),
        pytest.param(cut, "no whole JSON", id="cut"),
        pytest.param(web_page, "a web page", id="a web page"),
    ],
)
async def test_lies_are_refused(openrouter, lie, said):
    openrouter.faults = [lie]

    with pytest.raises(NotUnderstood, match=said):
        await told(openrouter)
