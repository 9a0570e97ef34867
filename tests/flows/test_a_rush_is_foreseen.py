"""Money that runs fast near the end of a week: the first alert says that the cap will be hit."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bot.caps import caps_in_force
from bot.glances import Glance
from bot.workflows import Caps
from handlers.steps.raise_alerts import raise_alerts
from handlers.steps.read_glance import read_glance
from tests.builders import MONDAY, OWEN, a_team, a_workflow, an_organisation
from tests.outbox import said
from tests.spending import a_record

ORGANISATION = an_organisation()
WORKFLOW = a_workflow(caps=Caps(weekly=Decimal(250)))
[IN_FORCE] = caps_in_force(WORKFLOW, (), MONDAY)
SUNDAY_EVENING = IN_FORCE.period.end - timedelta(hours=7, minutes=5)


@pytest.fixture
async def quiet_week(database):
    """$20 a day for weeks, up to Saturday."""
    mornings = [SUNDAY_EVENING - timedelta(days=n, hours=6) for n in range(1, 29)]
    async with database.ledger() as ledger:
        await ledger.organisation.save(ORGANISATION)
        await ledger.teams.save(a_team())
        await ledger.workflows.add(WORKFLOW)
        await ledger.usage.record([a_record(WORKFLOW, 20, at) for at in mornings], SUNDAY_EVENING)
    return database


async def alerted(database, at):
    """$70 at `at`, and the words that stand in the channel on Sunday evening."""
    async with database.ledger() as ledger:
        await ledger.usage.record([a_record(WORKFLOW, 70, at)], SUNDAY_EVENING)
        await raise_alerts(ledger, ORGANISATION, [WORKFLOW.key], SUNDAY_EVENING)
    [message] = await said(database, to="C0SEARCH")
    return message.text


async def test_money_that_runs_now_is_said_to_hit_the_cap(quiet_week):
    text = await alerted(quiet_week, SUNDAY_EVENING - timedelta(minutes=1))

    assert "Forecast $290 by" in text
    assert "unsure), hits the cap about" in text


async def test_money_that_was_spent_in_the_morning_is_not(quiet_week):
    text = await alerted(quiet_week, SUNDAY_EVENING - timedelta(hours=6))

    assert "Forecast about $190 by" in text
    assert "inside the cap" in text


async def test_a_cap_that_only_a_rush_will_hit_is_forecast_at_home(quiet_week):
    await alerted(quiet_week, SUNDAY_EVENING - timedelta(minutes=1))

    async with quiet_week.reading() as ledger:
        glance: Glance = await read_glance(ledger, ORGANISATION, OWEN, SUNDAY_EVENING)

    [position] = glance.positions
    [forecast] = position.forecasts.values()
    assert forecast.hits_at is not None
