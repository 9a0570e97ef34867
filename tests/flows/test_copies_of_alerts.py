"""What the owner was told of an alert says what the channel says."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.policy import Policy
from handlers.flows.release_words import release_words
from handlers.flows.sweep_alerts import sweep_alerts
from tests.alerting import SEARCH, Alerts
from tests.builders import FIN, MONDAY, OWEN, an_organisation
from tests.outbox import said
from tests.registry import holds

HOUR = timedelta(hours=1)


@pytest.fixture
async def alerts(database):
    return await Alerts(database).settle()


async def sweep(alerts):
    alerts.now += HOUR
    async with alerts.database.ledger() as ledger:
        await sweep_alerts(ledger, alerts.organisation, alerts.now)


async def test_the_owners_copy_follows_the_channels(alerts):
    await alerts.spend(190)
    await alerts.spend(20)
    await sweep(alerts)

    notice = await alerts.alert()
    for key, whose in ((notice, "Owner:"), (f"{notice}:dm", "You own it.")):
        card = holds(await alerts.shown(key))
        assert "has used 84 % of its weekly cap ($210.00 of $250.00)" in card.text
        assert whose in card.text


async def test_a_copy_that_waits_for_the_morning_waits_with_todays_figures(database):
    night = replace(an_organisation().policy, quiet_hours=Policy().quiet_hours)
    alerts = await Alerts(database, an_organisation(policy=night)).settle()
    alerts.now = MONDAY + 13 * HOUR
    await alerts.spend(190)
    assert await alerts.heard(OWEN) == []
    await alerts.spend(20)
    await sweep(alerts)

    async with database.ledger() as ledger:
        await release_words(ledger, alerts.organisation, MONDAY + 24 * HOUR)

    assert ["84 %" in word for word in await alerts.heard(OWEN)] == [True]


async def test_whoever_does_not_own_it_any_more_keeps_what_they_were_told(alerts):
    await alerts.spend(190)
    async with alerts.database.ledger() as ledger:
        stored = await ledger.workflows.get(alerts.workflow.key)
        await ledger.workflows.save(replace(stored, owner=FIN))
    await alerts.spend(20)
    await sweep(alerts)

    notice = await alerts.alert()
    assert "84 %" in (await alerts.shown(notice)).text
    assert "76 %" in (await alerts.shown(f"{notice}:dm")).text
    assert [one.channel for one in await said(alerts.database, act="update")] == [SEARCH]
