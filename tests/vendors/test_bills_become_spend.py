"""From the vendors' addresses to what a workflow has spent: exactly the dollars of the bills."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.attribution import UNATTRIBUTED, UNMETERED, Clue, Rule
from bot.charges import DAY
from bot.usage import SentUsage, read_usage
from handlers.desk import Desk
from handlers.flows.reconcile_bills import reconcile_bills
from handlers.flows.record_usage import record_usage
from handlers.settings import Settings
from handlers.vendors.asking import Patience
from handlers.vendors.connectors import connectors
from handlers.vendors.pulling import Puller
from tests.builders import a_team, a_workflow, an_organisation
from tests.ruling import add_rule
from tests.vendors.standin import KEY, Anthropic, OpenAI, Standin, breaks_off, status, vendors

TODAY = datetime(2026, 11, 23, tzinfo=UTC)
# Old enough to be final when it is told twice.
OLD = TODAY - 4 * DAY
HURRIED = Patience(attempts=2, first=0, longest=1, silence=5, whole=5)
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture(scope="module")
def server() -> Iterator[Standin]:
    with Standin(OpenAI()).open() as server:
        yield server


@pytest.fixture
def openai():
    lines: list[Any] = [
        ("p", f"key_{at}", "gpt-6, input", Decimal(f"{at}.000000{at}")) for at in range(1, 6)
    ]
    return OpenAI({OLD: lines, OLD + DAY: lines[:2], TODAY: lines[:1]})


@pytest.fixture
def anthropic():
    rows = [
        ("apikey_1", "ana@acme.example", Decimal("12.5")),
        (None, "bo@acme.example", Decimal(3)),
    ]
    return Anthropic({OLD: [*rows, ("apikey_2", "bo@acme.example", Decimal("0.1"))]}, TODAY)


@pytest.fixture
async def desk(database):
    async with database.ledger() as ledger:
        await ledger.organisation.save(an_organisation())
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow(key="search"))
        await ledger.workflows.add(a_workflow(key="triage"))
        for clue, pattern, workflow in (
            (Clue.KEY, "key_1", "search"),
            (Clue.KEY, "apikey_*", "triage"),
            (Clue.PERSON, "bo@acme.example", "search"),
        ):
            await add_rule(ledger, Rule(clue, pattern, workflow), "U0ADMIN", TODAY)
    return Desk(database)


@pytest.fixture
def pull(desk, server, openai, anthropic):
    server.faults.clear()
    server.answer = vendors(openai, anthropic)
    settings = Settings(
        _env_file=None,
        openai_admin_key=KEY,
        openai_url=server.url,
        anthropic_admin_key=KEY,
        anthropic_url=server.url,
    )
    known = connectors(settings)
    puller = Puller(desk, known, HURRIED)

    async def pull():
        """Every source, twice: what stays the same may settle. Then the clock ticks."""
        pulled = [await puller.pull(one, early=True, since=OLD) for _ in range(2) for one in known]
        async with desk.database.ledger() as ledger:
            await reconcile_bills(ledger, await desk.organisation(ledger), desk.now())
        return [one.error for one in pulled if one is not None]

    return pull


async def spent(desk) -> dict[str, Decimal]:
    found = {}
    async with desk.database.reading() as ledger:
        for key in ("search", "triage", UNATTRIBUTED, UNMETERED):
            days = await ledger.history.days([key], OLD - DAY, TODAY + 3 * DAY)
            found[key] = sum((cost for _, cost in days.get(key, ())), Decimal(0))
    return {key: amount for key, amount in found.items() if amount}


async def test_bills_are_spent_by_whom_the_rules_name_and_the_rest_by_nobody(
    desk, openai, anthropic, pull
):
    assert await pull() == [""] * 8

    found = await spent(desk)
    assert found["search"] == 3 * Decimal("1.0000001") + Decimal("0.03")
    assert found["triage"] == Decimal("0.126")
    assert sum(found.values()) == openai.total + anthropic.total
    assert set(found) == {"search", "triage", UNATTRIBUTED}


async def test_vendors_that_break_off_all_the_time_lose_and_repeat_nothing(
    desk, server, openai, anthropic, pull
):
    server.faults += [None, breaks_off, None, status(503), status(429, {"Retry-After": "0"})] * 5

    for _ in range(30):
        if set(await pull()) == {""} and not server.faults:
            break

    assert sum((await spent(desk)).values()) == openai.total + anthropic.total


async def test_what_a_gateway_saw_of_the_same_calls_is_not_added(desk, openai, anthropic, pull):
    sent = SentUsage(
        "call",
        OLD + timedelta(hours=10),
        "search",
        provider="openai",
        cost=Decimal("0.97"),
        key="key_1",
    )
    async with desk.database.ledger() as ledger:
        await record_usage([read_usage(sent, "gateway", desk.now())], ledger, desk, desk.now())

    await pull()

    assert sum((await spent(desk)).values()) == openai.total + anthropic.total
