from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.workflows import Caps, Status
from handlers.flows.sweep_alerts import sweep_alerts
from handlers.steps.next_page import PAGE
from handlers.steps.raise_alerts import raise_alerts
from tests.builders import MONDAY, a_team, a_workflow, an_organisation
from tests.outbox import said
from tests.spending import spend

ORGANISATION = an_organisation()
WORKFLOW = a_workflow(caps=Caps(weekly=Decimal(100)))
MIDNIGHT = datetime(2026, 11, 29, 23, tzinfo=UTC)
SEARCH = "C0SEARCH"


@pytest.fixture
async def registry(database):
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team())
        await ledger.workflows.add(WORKFLOW)
    return database


async def sweep(database, now=MONDAY, organisation=ORGANISATION):
    async with database.ledger() as ledger:
        await sweep_alerts(ledger, organisation, now)


async def look(database, now):
    async with database.ledger() as ledger:
        await raise_alerts(ledger, ORGANISATION, [WORKFLOW.key], now)


def after(minutes):
    return MONDAY + timedelta(minutes=minutes)


async def test_what_nobody_looked_at_is_found(registry):
    await spend(registry, WORKFLOW, 80, MONDAY)

    await sweep(registry)

    assert len(await said(registry, to=SEARCH)) == 1


async def test_spend_booked_ahead_is_announced_when_its_week_begins(registry):
    await spend(registry, WORKFLOW, 80, MIDNIGHT + timedelta(minutes=3))

    await sweep(registry, MIDNIGHT - timedelta(microseconds=1))
    assert await said(registry) == []

    await sweep(registry, MIDNIGHT)
    assert len(await said(registry, to=SEARCH)) == 1


async def test_thresholds_the_policy_lowers_are_found(registry):
    await spend(registry, WORKFLOW, 60, MONDAY)
    await sweep(registry)

    lower = replace(ORGANISATION, policy=replace(ORGANISATION.policy, thresholds=(50,)))
    await sweep(registry, after(5), lower)

    assert len(await said(registry, to=SEARCH)) == 1


async def test_every_workflow_is_looked_at(registry):
    keys = [f"w-{number}" for number in range(3)]
    async with registry.ledger() as ledger:
        for key in keys:
            await ledger.workflows.add(replace(WORKFLOW, key=key))
    for key in keys:
        await spend(registry, replace(WORKFLOW, key=key), 80, MONDAY)

    await sweep(registry)

    assert len(await said(registry, to=SEARCH)) == 3


async def test_many_are_looked_at_a_page_each_time(registry):
    keys = [f"w-{number:02}" for number in range(PAGE + 1)]
    async with registry.ledger() as ledger:
        for key in keys:
            await ledger.workflows.add(replace(WORKFLOW, key=key))
    for key in keys:
        await spend(registry, replace(WORKFLOW, key=key), 80, MONDAY)

    told = []
    for second in (0, 5, 10):
        await sweep(registry, MONDAY + timedelta(seconds=second))
        told.append(len(await said(registry, to=SEARCH)))

    assert told == [PAGE, PAGE + 1, PAGE + 1]


async def test_it_looks_at_everything_every_five_minutes_only(registry):
    await sweep(registry)
    await spend(registry, WORKFLOW, 80, MONDAY)

    await sweep(registry, after(4))
    assert await said(registry) == []

    await sweep(registry, after(5))
    assert len(await said(registry, to=SEARCH)) == 1


async def test_a_message_is_kept_current_every_quarter_of_an_hour(registry):
    await spend(registry, WORKFLOW, 80, MONDAY)
    await look(registry, MONDAY)
    await spend(registry, WORKFLOW, 5, after(1))

    await sweep(registry, after(14))
    assert await said(registry, act="update", to=SEARCH) == []

    await sweep(registry, after(15))
    (edit,) = await said(registry, act="update", to=SEARCH)
    assert "has used 85 % of its weekly cap" in edit.text


async def test_a_message_that_is_right_is_left_alone(registry):
    await spend(registry, WORKFLOW, 80, MONDAY)
    await look(registry, MONDAY)
    await spend(registry, WORKFLOW, "0.99", after(1))

    await sweep(registry, after(30))

    assert await said(registry, act="update", to=SEARCH) == []


async def test_a_message_about_a_closed_week_is_left_alone(registry):
    await spend(registry, WORKFLOW, 80, MONDAY)
    await look(registry, MONDAY)
    await spend(registry, WORKFLOW, 10, after(1))

    await sweep(registry, MIDNIGHT)

    assert await said(registry, act="update", to=SEARCH) == []


async def test_a_paused_workflow_that_spends_is_found(registry):
    async with registry.ledger() as ledger:
        workflow = await ledger.workflows.get(WORKFLOW.key)
        await ledger.workflows.save(replace(workflow, status=Status.PAUSED, status_since=MONDAY))
    await spend(registry, WORKFLOW, 1, after(1))

    await sweep(registry, after(2))

    assert len(await said(registry, to=SEARCH)) == 1
