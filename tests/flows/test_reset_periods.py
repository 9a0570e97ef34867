import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.cards.kit import when
from bot.workflows import Caps, Status
from handlers.flows.reset_periods import reset_periods
from handlers.steps.raise_alerts import raise_alerts
from storage.database import Database
from storage.schema import migrate
from tests.builders import MONDAY, a_team, a_workflow, an_organisation
from tests.outbox import said
from tests.spending import spend

ORGANISATION = an_organisation()
WORKFLOW = a_workflow(caps=Caps(weekly=Decimal(100), monthly=Decimal(900)))
MIDNIGHT = datetime(2026, 11, 29, 23, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)


async def alerted(database, usd=120, at=MONDAY, workflow=WORKFLOW):
    """A workflow whose week has had an alert."""
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team())
        await ledger.workflows.add(workflow)
    await spend(database, workflow, usd, at)
    async with database.ledger() as ledger:
        await raise_alerts(ledger, ORGANISATION, [workflow.key], at)


async def reset(database, now=MIDNIGHT):
    async with database.ledger() as ledger:
        await reset_periods(ledger, ORGANISATION, now)


async def resets(database):
    return [one for one in await said(database) if one.key.startswith("reset:")]


async def test_the_channel_is_told_that_the_cap_starts_again(database):
    await alerted(database)

    await reset(database)

    (notice,) = await resets(database)
    assert notice.channel == "C0SEARCH"
    assert "the last week closed at $120.00 of $100.00 (120 %)" in notice.text
    assert notice.text.endswith(f"Data through {when(MONDAY, 'Europe/Berlin')} (test).")


async def test_not_before_the_last_instant_and_not_twice(database):
    await alerted(database)

    await reset(database, MIDNIGHT - timedelta(microseconds=1))
    assert await resets(database) == []

    await reset(database)
    await reset(database, MIDNIGHT + AN_HOUR)
    assert len(await resets(database)) == 1


async def test_a_week_without_an_alert_ends_in_silence(database):
    await alerted(database, usd=10)

    await reset(database)

    assert await resets(database) == []


async def test_a_missed_reset_is_caught_up_within_a_day_and_not_later(database):
    await alerted(database)

    await reset(database, MIDNIGHT + timedelta(days=1))
    assert await resets(database) == []

    await reset(database, MIDNIGHT + timedelta(hours=23))
    assert len(await resets(database)) == 1


async def test_week_and_month_that_turn_together_are_one_notice(database):
    """1 February 2027 is a Monday."""
    at = datetime(2027, 1, 27, tzinfo=UTC)
    await alerted(database, usd=1000, at=at)

    await reset(database, datetime(2027, 1, 31, 23, tzinfo=UTC))

    (notice,) = await resets(database)
    assert "The weekly cap is $100.00 until" in notice.text
    assert "The monthly cap is $900.00 until" in notice.text


async def test_a_month_whose_source_went_quiet_still_says_how_far_its_data_goes(database):
    at = datetime(2026, 11, 5, 12, tzinfo=UTC)
    await alerted(database, usd=1000, at=at)

    await reset(database, datetime(2026, 11, 30, 23, tzinfo=UTC))

    (notice,) = await resets(database)
    assert notice.text.endswith(f" Data through {when(at, 'Europe/Berlin')}.")


async def test_what_the_closed_week_got_late_is_in_its_figure(database):
    await alerted(database)
    await spend(database, WORKFLOW, 30, MIDNIGHT - AN_HOUR)

    await reset(database)

    (notice,) = await resets(database)
    assert "closed at $150.00" in notice.text


async def test_a_stopped_workflow_does_not_start_again(database):
    await alerted(database)
    async with database.ledger() as ledger:
        workflow = await ledger.workflows.get(WORKFLOW.key)
        await ledger.workflows.save(replace(workflow, status=Status.PAUSED))

    await reset(database)

    assert await resets(database) == []


@pytest.mark.parametrize(
    ("day", "turns"),
    [
        pytest.param(
            datetime(2026, 3, 29, 12, tzinfo=UTC),
            datetime(2026, 3, 29, 22, tzinfo=UTC),
            id="spring forward",
        ),
        pytest.param(
            datetime(2026, 10, 25, 12, tzinfo=UTC),
            datetime(2026, 10, 25, 23, tzinfo=UTC),
            id="fall back",
        ),
    ],
)
async def test_days_that_are_longer_or_shorter_end_at_midnight(database, day, turns):
    await alerted(database, at=day, workflow=replace(WORKFLOW, caps=Caps(daily=Decimal(100))))

    await reset(database, turns - timedelta(microseconds=1))
    assert await resets(database) == []

    await reset(database, turns)
    assert len(await resets(database)) == 1


async def test_two_replicas_tell_it_once(postgres_url):
    url = postgres_url()
    one, other = Database(url), Database(url)
    await migrate(one)
    await alerted(one)

    await asyncio.gather(*(reset(database) for database in (one, other) * 4))

    assert len(await resets(one)) == 1
    await one.close()
    await other.close()
