"""`budget-bot source test` says in words what works, and what to do about what does not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.health import State
from handlers.desk import Desk
from handlers.settings import PREFIX, Settings
from handlers.vendors.anthropic import anthropic_cost
from handlers.vendors.examination import examined
from handlers.vendors.openai import openai_costs
from handlers.vendors.vendor import Vendor
from storage.database import Database
from tests.vendors.standin import KEY, OpenAI, Standin, cut, says, status, web_page

YESTERDAY = datetime(2026, 11, 22, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture(scope="module")
def server() -> Iterator[Standin]:
    with Standin(OpenAI()).open() as server:
        yield server


@pytest.fixture
def vendor(server):
    server.faults.clear()
    server.answer = OpenAI({YESTERDAY: [("p", "k", "gpt-6, input", Decimal("7.13"))]})
    headers = {"Authorization": f"Bearer {KEY}"}
    return Vendor("OpenAI", server.url, "BUDGET_BOT_KEY", "an admin key", headers)


@pytest.fixture
def examine(tmp_path, vendor):
    """What is found: by subject, whether it is well, and the words."""
    # Nothing is booked, so nothing is opened.
    desk = Desk(Database(f"sqlite:///{tmp_path}/none.db"))

    async def examine(connector=None):
        found = await examined(connector or openai_costs(vendor), desk)
        assert not any(KEY in finding.says + finding.todo for finding in found)
        return {one.about: (one.state, f"{one.says} {one.todo}") for one in found}

    return examine


async def test_all_is_well(examine):
    found = await examine()

    assert {state for state, _ in found.values()} == {State.WELL}
    assert "22 Nov 2026 (UTC): 1 row, $7.13" in found["last day"][1]
    assert "US dollars" in found["currency"][1]
    assert "OpenAI does not say how fresh" in found["freshness"][1]


async def test_a_day_without_spend_is_doubtful(examine, server):
    server.answer = OpenAI()

    state, words = (await examine())["last day"]

    assert state is State.DOUBTFUL
    assert "0 rows, $0.00" in words
    assert "the organisation that pays" in words


@pytest.mark.parametrize(
    ("fault", "broken", "words"),
    [
        (status(503), "address", "HTTPS_PROXY"),
        (status(401), "credential", "Set BUDGET_BOT_KEY anew"),
        (status(403), "permission", "It must be an admin key"),
        (cut, "answer", "Nothing is booked"),
        (status(404), "address", "Look at its address, BUDGET_BOT_OPENAI_URL"),
        (status(302), "address", "Look at its address, BUDGET_BOT_OPENAI_URL"),
        (web_page, "address", "Look at its address, BUDGET_BOT_OPENAI_URL"),
        (status(400), "answer", "Nothing is booked"),
    ],
)
async def test_what_is_broken_comes_last_and_what_worked_before_it(
    examine, server, fault, broken, words
):
    server.faults += [fault]

    found = await examine()

    *before, last = found
    assert all(found[about][0] is State.WELL for about in before)
    assert last == broken
    assert found[last][0] is State.BROKEN
    assert words in found[last][1]


@pytest.mark.parametrize(
    ("fault", "hides", "known"),
    [
        (status(400), False, ["address", "answer"]),
        (status(403), False, ["address", "credential", "permission"]),
        # Not there, or not for this credential, or not the vendor.
        (status(404), True, ["address", "permission"]),
        (status(404), False, ["address"]),
    ],
)
async def test_what_was_not_checked_is_not_said_to_be_well(
    examine, server, vendor, fault, hides, known
):
    server.faults += [fault]

    found = await examine(openai_costs(replace(vendor, hides=hides)))

    assert list(found) == known
    if hides:
        assert "BUDGET_BOT_OPENAI_URL" in found["permission"][1]


@pytest.mark.parametrize(
    "name", ["Anthropic", "Cursor", "GitHub", "LiteLLM", "OpenAI", "OpenRouter"]
)
def test_the_address_of_a_vendor_is_a_setting(name):
    setting = Vendor(name, "", "", "").setting

    assert setting.removeprefix(PREFIX).lower() in Settings.model_fields


@pytest.mark.parametrize(
    ("mark", "state", "words"),
    [
        ("2026-11-23T07:30:00Z", State.WELL, "complete through 2026-11-23 07:30 UTC"),
        ("2026-11-19T07:30:00Z", State.DOUBTFUL, "budgets may be low"),
    ],
)
async def test_how_fresh_it_is_where_the_vendor_says(examine, server, vendor, mark, state, words):
    server.answer = lambda _: {"data": [], "has_more": False, "data_refreshed_at": mark}

    found, said = (await examine(anthropic_cost(vendor)))["freshness"]

    assert found is state
    assert words in said


async def test_another_currency_is_named(examine, server):
    amount = {"value": 1, "currency": "eur"}
    results = [{"amount": amount, "line_item": None, "project_id": None}]
    start = int(YESTERDAY.timestamp())
    day = {"start_time": start, "end_time": start + 86_400, "results": results}
    server.faults += [lambda _: says({"data": [day], "has_more": False})]

    assert "bills in eur" in (await examine())["answer"][1]
