import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.cards.kit import when
from bot.workflows import Caps, Status
from handlers.flows.sweep_alerts import sweep_alerts
from handlers.steps.raise_alerts import raise_alerts
from storage.database import Database
from storage.schema import migrate
from tests import outbox
from tests.builders import (
    MONDAY,
    OWEN,
    SAM,
    a_request,
    a_team,
    a_workflow,
    an_organisation,
    an_override,
)
from tests.registry import trail
from tests.spending import spend

ORGANISATION = an_organisation()
WORKFLOW = a_workflow(caps=Caps(weekly=Decimal(100)))
TUESDAY = MONDAY + timedelta(days=1)
LATER = TUESDAY + timedelta(minutes=10)
SEARCH = "C0SEARCH"


async def said(database, **which):
    """Without the question what came of it."""
    rows = await outbox.said(database, **which)
    return [row for row in rows if not row.key.startswith("outcome:")]


async def granted(database, workflow=WORKFLOW, **named):
    """+$100 on the weekly cap until Tuesday, asked for by Sam."""
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team())
        await ledger.workflows.add(workflow)
        await ledger.requests.add(a_request(id="r-1", asked_by=SAM))
        await ledger.overrides.add(an_override(end=TUESDAY, **named))


async def sweep(database, now=TUESDAY):
    async with database.ledger() as ledger:
        await sweep_alerts(ledger, ORGANISATION, now)


async def test_the_end_is_told_to_channel_owner_and_requester(database):
    await granted(database)

    await sweep(database)

    assert [notice.channel for notice in await said(database)] == [SEARCH, OWEN, SAM]


async def test_an_owner_who_asked_is_told_once(database):
    await granted(database, replace(WORKFLOW, owner=SAM))

    await sweep(database)

    assert [notice.channel for notice in await said(database)] == [SEARCH, SAM]


async def test_it_is_not_told_before_the_last_instant_nor_twice(database):
    await granted(database)

    await sweep(database, TUESDAY - timedelta(microseconds=1))
    await sweep(database)
    await sweep(database, LATER)

    assert len(await said(database, to=SEARCH)) == 1


async def test_the_end_notice_is_the_alert_of_the_cap_it_falls_back_to(database):
    await granted(database)
    await spend(database, WORKFLOW, 130, MONDAY)

    await sweep(database)
    await sweep(database, LATER)

    (notice,) = await said(database, to=SEARCH)
    assert "$130.00 of $100.00 (130 %) is spent this week, past its 100 % mark" in notice.text
    assert f"Data through {when(MONDAY, 'Europe/Berlin')} (test)." in notice.text


async def test_usage_that_arrives_after_the_end_announces_it_first(database):
    await granted(database)
    await spend(database, WORKFLOW, 130, TUESDAY)

    async with database.ledger() as ledger:
        await raise_alerts(ledger, ORGANISATION, [WORKFLOW.key], TUESDAY)

    (notice,) = await said(database, to=SEARCH)
    assert notice.key == "override-ended:o-1"


async def test_more_spend_after_the_end_is_alerted_again_only_past_what_was_said(database):
    await granted(database)
    await spend(database, WORKFLOW, 80, MONDAY)
    await sweep(database)

    await spend(database, WORKFLOW, 15, LATER)
    await sweep(database, LATER)

    _, alert = await said(database, to=SEARCH)
    assert "has used 95 % of its weekly cap" in alert.text


async def test_the_first_message_shows_the_lower_cap_at_once(database):
    await granted(database)
    await spend(database, WORKFLOW, 160, MONDAY)
    await sweep(database, TUESDAY - timedelta(minutes=1))

    await sweep(database)

    first, _ = await said(database, to=SEARCH)
    (edit,) = await said(database, act="update", to="C0SEARCH")
    assert edit.target == first.key
    assert "is over its weekly cap ($160.00 of $100.00, 160 %)" in edit.text


async def test_overrides_that_end_together_are_one_notice(database):
    await granted(database)
    async with database.ledger() as ledger:
        await ledger.overrides.add(an_override(id="o-2", end=TUESDAY))

    await sweep(database)

    (notice,) = await said(database, to=SEARCH)
    assert notice.text.count("The override of +$100.00") == 2


async def test_the_trail_keeps_that_a_cap_fell_back(database):
    await granted(database)
    async with database.ledger() as ledger:
        await ledger.overrides.add(an_override(id="o-2", amount=Decimal(20)))

    await sweep(database)
    await sweep(database, LATER)

    (change,) = await trail(database)
    assert (change.actor, change.what) == (
        "budget-bot",
        "ended the override of $100.00 on the weekly cap",
    )
    assert change.before == {"weekly_cap in force": "220"}
    assert change.after == {
        "weekly_cap in force": "120",
        "amount": "100",
        "until": "2026-11-24T09:00:00+00:00",
    }


async def test_one_that_ended_while_the_workflow_was_paused_is_told_without_a_cap(database):
    await granted(database, replace(WORKFLOW, status=Status.PAUSED))

    await sweep(database)

    (notice,) = await said(database, to=SEARCH)
    assert "The workflow is paused; it has nothing to spend." in notice.text


async def test_overrides_closed_with_their_workflow_are_not_told(database):
    await granted(database)
    async with database.ledger() as ledger:
        await ledger.overrides.end("o-1", MONDAY)

    await sweep(database)

    assert await said(database) == []


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(datetime(2026, 3, 29, 1, tzinfo=UTC), id="spring forward"),
        pytest.param(datetime(2026, 10, 25, 1, tzinfo=UTC), id="fall back"),
    ],
)
async def test_it_ends_on_the_days_the_clock_changes(database, end):
    await granted(database)
    async with database.ledger() as ledger:
        await ledger.overrides.add(an_override(id="o-dst", start=end - timedelta(days=2), end=end))

    await sweep(database, end - timedelta(microseconds=1))
    before = len(await said(database, to=SEARCH))
    await sweep(database, end)

    assert len(await said(database, to=SEARCH)) == before + 1


async def test_two_processes_tell_the_end_once(postgres_url):
    url = postgres_url()
    one, other = Database(url), Database(url)
    await migrate(one)
    await granted(one)
    await spend(one, WORKFLOW, 130, MONDAY)

    await asyncio.gather(*(sweep(database) for database in (one, other) * 4))

    assert len(await said(one, to=SEARCH)) == 1
    await one.close()
    await other.close()
