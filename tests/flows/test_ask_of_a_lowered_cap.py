"""A cap lowered under what is spent is an alert: somebody is asked to look at it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.acknowledgements import Standing
from bot.notices import Card
from handlers.steps.save_workflow import save_workflow
from handlers.steps.tell_cap_change import tell_cap_change
from handlers.steps.tell_owner_reached import tell_owner_reached
from tests.alerting import SEARCH, Alerts
from tests.builders import ANA, MIA, OWEN
from tests.registry import holds

HOUR = timedelta(hours=1)
KEY = "edit-1"


@pytest.fixture
async def alerts(database):
    return await Alerts(database).settle()


async def lower(alerts, by, weekly):
    """As an edit does it."""
    async with alerts.database.ledger() as ledger:
        before = await ledger.workflows.get(alerts.workflow.key)
        after = replace(before, caps=replace(before.caps, weekly=Decimal(weekly)))
        after = await save_workflow(ledger, before, after, by=by, what="edited", now=alerts.now)
        told = await tell_cap_change(
            ledger, alerts.organisation, before, after, alerts.now, said_by=KEY, by=by
        )
        card = told.on(Card(told.text))
        await ledger.notices.post(KEY, SEARCH, card, alerts.now)
        await tell_owner_reached(ledger, after, told, KEY, card, alerts.now)
    alerts.on = KEY


async def clock(alerts):
    async with alerts.database.reading() as ledger:
        return await ledger.acknowledgements.newest(alerts.workflow.key)


async def test_the_message_that_says_it_has_the_button_and_the_clock(alerts):
    await alerts.spend(180)
    await lower(alerts, ANA, 150)

    for key in (KEY, f"{KEY}:dm"):
        card = holds(await alerts.shown(key))
        assert "past its 100 % mark" in card.text
        assert "Unless somebody acts, the backup is asked" in card.text
        assert "I've seen it" in str(card.blocks)


async def test_whoever_changed_it_has_not_thereby_seen_it(alerts):
    await alerts.spend(180)
    await lower(alerts, ANA, 150)
    await alerts.tick(5 * HOUR)

    assert (await clock(alerts)).standing is Standing.WAITING
    assert "No one has acted" in (await alerts.heard(MIA))[0]
    await alerts.sees(OWEN)
    assert "has seen it" in (await alerts.shown()).text
    assert "I've seen it" not in str((await alerts.shown()).blocks)


async def test_nor_where_the_clock_of_an_earlier_alert_runs(alerts):
    await alerts.spend(230)
    await lower(alerts, ANA, 200)
    await alerts.tick(HOUR)

    found = await clock(alerts)
    assert found.standing is Standing.WAITING
    assert KEY in found.notices
    assert found.critical


async def test_an_owner_who_does_it_knows(alerts):
    await alerts.spend(180)
    await lower(alerts, OWEN, 150)

    assert await clock(alerts) is None
    assert "I've seen it" not in str((await alerts.shown()).blocks)


async def test_an_owner_who_does_it_has_seen_the_alert_before(alerts):
    await alerts.spend(230)
    await lower(alerts, OWEN, 200)
    await alerts.tick(HOUR)

    assert (await clock(alerts)).standing is Standing.SEEN


@pytest.mark.parametrize(("weekly", "asks"), [(201, False), (200, True)])
async def test_from_the_soft_limit_on(alerts, weekly, asks):
    await alerts.spend(180)
    await lower(alerts, ANA, weekly)

    assert (await clock(alerts) is not None) is asks
