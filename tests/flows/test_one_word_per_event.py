"""One jump of spend is one word to the owner; what else there is to say stands in its thread."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.policy import Policy
from handlers.flows.draft_requests import draft_requests
from handlers.flows.foresee import foresee
from handlers.flows.release_words import release_words
from tests.alerting import Alerts
from tests.builders import MIA, MONDAY, OWEN, an_organisation
from tests.outbox import leaves
from tests.spending import spend

HOUR = timedelta(hours=1)


@pytest.fixture
async def alerts(database):
    """$5 a day for four weeks, and then $230."""
    alerts = await Alerts(database).settle()
    for days in range(1, 29):
        await spend(database, alerts.workflow, 5, MONDAY - timedelta(days=days))
    await alerts.spend(230)
    return alerts


async def test_two_alerts_at_one_moment_are_one_word(database):
    alerts = await Alerts(database).settle()
    await alerts.spend(190)
    await alerts.spend(40)

    (word,) = await alerts.heard(OWEN)
    assert "has used 92 % of its weekly cap" in word
    assert len(await alerts.replies()) == 1


async def test_what_has_left_is_followed_by_another_word(database):
    alerts = await Alerts(database).settle()
    await alerts.spend(190)
    await leaves(database)
    await alerts.spend(40)

    assert ["76 %" in word for word in await alerts.heard(OWEN)] == [True, False]


async def test_what_waits_for_the_morning_and_gets_worse_is_said_once_and_at_once(database):
    night = replace(an_organisation().policy, quiet_hours=Policy().quiet_hours)
    alerts = await Alerts(database, an_organisation(policy=night)).settle()
    alerts.now = MONDAY + 13 * HOUR
    await alerts.spend(190)
    assert await alerts.heard(OWEN) == []

    await alerts.spend(70)
    for now in (alerts.now, MONDAY + 24 * HOUR):
        async with database.ledger() as ledger:
            await release_words(ledger, alerts.organisation, now)

    (word,) = await alerts.heard(OWEN)
    assert "is over its weekly cap" in word


async def hours_pass(alerts, hours):
    for minutes in range(5, hours * 60 + 1, 5):
        alerts.now = MONDAY + timedelta(minutes=minutes)
        for job in (foresee, draft_requests):
            async with alerts.database.ledger() as ledger:
                await job(ledger, alerts.organisation, alerts.now)


async def test_what_jumps_is_one_word_and_its_spike_a_reply(alerts):
    await hours_pass(alerts, 1)
    alerts.now = MONDAY + HOUR

    [word] = [one for one in await alerts.heard(OWEN) if "drafted" not in one]
    assert "has used 92 % of its weekly cap" in word
    [spike] = await alerts.replies()
    assert spike.startswith("*Search ranking* spends far more than usual.")


async def test_the_draft_waits_an_hour_for_somebody_to_act(alerts):
    await hours_pass(alerts, 2)

    words = await alerts.heard(OWEN)
    assert ["drafted a request" in one for one in words] == [False, True]


async def test_whoever_has_seen_the_alert_is_sent_no_draft(alerts):
    await alerts.sees(MIA)
    await hours_pass(alerts, 3)

    assert len(await alerts.heard(OWEN)) == 1


async def test_the_alerts_own_button_asks_for_what_would_be_drafted(alerts):
    assert "search-ranking|weekly|25" in str((await alerts.shown()).blocks)
