"""Cursor's events, asked for through all their pages."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import msgspec
import pytest

from bot.charges import Stretch
from handlers.settings import Settings
from handlers.vendors import cursor as module
from handlers.vendors.asking import Asking, Patience
from handlers.vendors.connector import Told
from handlers.vendors.cursor import Pace, cursor_events
from handlers.vendors.lines import check
from handlers.vendors.trouble import NotLetIn, NotUnderstood, Unanswered
from tests.servers import NO_TLS
from tests.vendors.standin import Standin, breaks_off, changed, cut, instead, status
from tests.vendors.teams import FIRST, Cursor

NOW = datetime(2026, 11, 20, 9, 40, tzinfo=UTC)
DAY = Stretch(datetime(2026, 11, 19, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC))
HURRIED = Patience(attempts=3, first=0, longest=1, silence=1, whole=2)


@pytest.fixture(scope="module")
def served() -> Iterator[Standin]:
    with Standin(Cursor()).open() as standin:
        yield standin


@pytest.fixture
def cursor(served: Standin) -> Standin:
    served.answer = Cursor([f"{n}.25" for n in range(11)])
    served.faults.clear()
    served.asked.clear()
    return served


async def told(cursor: Standin, pace: timedelta = timedelta()) -> Told:
    vendor = module.vendor(Settings(cursor_url=cursor.url, cursor_key="key_secret"))
    assert vendor is not None
    one = cursor_events(vendor, pace)
    async with httpx.AsyncClient(verify=NO_TLS) as http:
        pages = await one.fetch(Asking(http, one.vendor, lambda: NOW, HURRIED), DAY)
    said = one.parse(pages, DAY, NOW)
    check("Cursor", said.charges, DAY)
    return said


def total(said: Told) -> Decimal:
    return sum((charge.cost for charge in said.charges), Decimal(0))


def pages(cursor: Standin) -> list[int]:
    return [msgspec.json.decode(one.body)["page"] for one in cursor.asked]


async def test_events_are_read_through_all_pages(cursor):
    said = await told(cursor)

    assert (len(said.charges), total(said)) == (11, Decimal("0.5775"))
    assert pages(cursor) == [1, 2, 3]


async def test_who_is_asked_and_how(cursor):
    await told(cursor)

    first = cursor.asked[0]
    assert first.path == "/teams/filtered-usage-events"
    assert first.headers["authorization"] == httpx.BasicAuth("key_secret", "")._auth_header
    question = msgspec.json.decode(first.body)
    # Both are part of it.
    assert (question["startDate"], question["endDate"]) == (FIRST, FIRST + 86_400_000 - 1)


async def test_a_day_without_events_is_one_page(cursor):
    cursor.answer = Cursor()

    assert (await told(cursor)).charges == ()
    assert pages(cursor) == [1]


@pytest.mark.parametrize(
    "fault",
    [status(500), status(429, {"Retry-After": "0"}), breaks_off],
    ids=["fails", "throttles", "breaks off"],
)
async def test_a_fault_on_the_way_loses_and_doubles_nothing(cursor, fault):
    cursor.faults = [None, fault, None, fault, fault]

    said = await told(cursor)

    assert (len(said.charges), total(said)) == (11, Decimal("0.5775"))


async def test_throttled_for_longer_it_says_when_to_come_back(cursor):
    cursor.faults = [status(429, {"Retry-After": "90"})]

    with pytest.raises(Unanswered, match="too many questions") as trouble:
        await told(cursor)

    assert trouble.value.again == timedelta(seconds=90)


async def test_an_event_that_comes_while_pages_are_turned_is_read_with_the_next_look(cursor):
    cursor.faults = [None, changed(lambda page: {**page, "totalUsageEventsCount": 12})]

    assert len((await told(cursor)).charges) == 11
    assert pages(cursor) == [1, 2, 3, 1, 2, 3]


async def test_a_count_that_never_fits_is_no_answer(cursor):
    cursor.faults = [changed(lambda page: {**page, "totalUsageEventsCount": 40})] * 9

    with pytest.raises(Unanswered, match="more or fewer events"):
        await told(cursor)


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        pytest.param(changed(lambda page: {**page, "usageEvents": []}), "empty page", id="empty"),
        pytest.param(instead({"usageEvents": []}), "pagination", id="no pages"),
        pytest.param(cut, "no whole JSON", id="cut"),
        pytest.param(instead([]), "the answer", id="a list"),
    ],
)
async def test_lies_are_refused(cursor, lie, said):
    cursor.faults = [lie]

    with pytest.raises(NotUnderstood, match=said):
        await told(cursor)


async def test_the_same_page_again_and_again_ends(cursor):
    same = changed(lambda _: cursor.answer(cursor.asked[0]))
    cursor.faults = [None, same]

    with pytest.raises(NotUnderstood, match="the same page twice"):
        await told(cursor)


async def test_a_key_that_is_not_accepted_is_told_what_it_must_be(cursor):
    cursor.faults = [status(401)]

    with pytest.raises(NotLetIn, match=r"BUDGET_BOT_CURSOR_KEY .*an Admin API key of the team"):
        await told(cursor)


async def test_questions_keep_their_distance(cursor):
    loop = asyncio.get_running_loop()
    begun = loop.time()

    await told(cursor, pace=timedelta(milliseconds=60))

    assert loop.time() - begun >= 0.12


async def test_who_did_not_ask_for_a_while_waits_for_nothing():
    pace, loop = Pace(timedelta(seconds=5)), asyncio.get_running_loop()
    begun = loop.time()

    await pace.keep()

    assert loop.time() - begun < 1
