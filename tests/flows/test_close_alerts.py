"""When nothing is left to do about an alert, its messages ask for nothing any more."""

from datetime import timedelta

import pytest

from bot.acknowledgements import Standing
from bot.cards.kit import when
from bot.workflows import NotThatWay
from handlers.flows.reset_periods import reset_periods
from handlers.steps.retire_workflow import retire_workflow
from tests.alerting import Alerts
from tests.builders import MIA, MONDAY, OWEN
from tests.outbox import leaves, said
from tests.registry import holds

HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)
BEFORE = ("Ask for more…", "Drop a tier", "Pause…", "Snooze…", "End snooze", "I've seen it")


@pytest.fixture
async def alerts(database):
    return await Alerts(database).settle()


async def retire(alerts):
    async with alerts.database.ledger() as ledger:
        await retire_workflow(
            alerts.workflow.key,
            by=OWEN,
            on=None,
            reason="",
            ledger=ledger,
            organisation=alerts.organisation,
            now=alerts.now,
        )


async def turn(alerts, now):
    alerts.now = now
    async with alerts.database.ledger() as ledger:
        await reset_periods(ledger, alerts.organisation, now)


async def messages(alerts):
    """Every message of the alerts as it is shown now."""
    keys = [one.key for one in await said(alerts.database) if one.key.startswith("alert:")]
    return {key: holds(await alerts.shown(key)) for key in keys}


def buttons(card):
    rows = [block["elements"] for block in card.blocks if block["type"] == "actions"]
    return [one["text"]["text"] for row in rows for one in row]


async def test_a_retired_workflow_leaves_no_button_and_says_so(alerts):
    await alerts.spend(190)
    await leaves(alerts.database)
    await alerts.spend(40)
    assert {*BEFORE} > {*buttons(await alerts.shown())} - {"Explain…"}
    await retire(alerts)

    shown = await messages(alerts)
    assert len(shown) == 4
    for card in shown.values():
        assert buttons(card) == []
        assert "is retired: nothing is left to do about this alert." in card.text
        assert "Nobody else is asked" not in card.text
        assert "To ask for more" not in card.text


async def test_its_snooze_and_its_clock_end_and_nobody_is_asked(alerts):
    await alerts.spend(230)
    await alerts.snoozes(OWEN, days=7)
    await retire(alerts)

    async with alerts.database.reading() as ledger:
        assert await ledger.snoozes.running([alerts.workflow.key]) == {}
        assert (await ledger.acknowledgements.newest(alerts.workflow.key)).standing is Standing.OVER
    assert "has no alerts any more" in (await alerts.shown("snooze:s-1")).text
    await alerts.tick(200 * HOUR)
    assert await alerts.heard(MIA) == []
    assert buttons(await alerts.shown()) == []


async def test_what_is_pressed_on_it_nevertheless_is_refused_in_words(alerts):
    await alerts.spend(230)
    await retire(alerts)

    with pytest.raises(NotThatWay, match="is retired, and its alerts are over"):
        await alerts.explains(OWEN, "It was me.")


async def test_when_its_week_is_over_it_shows_what_it_came_to_and_can_only_be_explained(alerts):
    await alerts.spend(190)
    await leaves(alerts.database)
    await alerts.spend(40)
    await alerts.spend(2)
    await turn(alerts, MONDAY + WEEK)
    await alerts.tick(HOUR)

    shown = await messages(alerts)
    first, *_ = shown.values()
    assert "this alert is over" in first.text
    assert "that week is over, $232.00 of $250.00 (92 %) used" in first.text
    assert first.text.count(f"Data through {when(MONDAY, 'Europe/Berlin')} (test).") == 1
    for card in shown.values():
        assert buttons(card) == ["Explain…"]
        assert "over" in card.text
        assert "Unless somebody acts" not in card.text
    await alerts.explains(OWEN, "It was the launch.")
    assert [buttons(card) for card in (await messages(alerts)).values()] == [["Explain…"]] * 4


async def test_a_message_about_a_month_too_keeps_its_buttons_until_that_is_over(alerts):
    await alerts.spend(890)
    await turn(alerts, MONDAY + WEEK)

    card = await alerts.shown()
    assert "that week is over, $890.00 of $250.00" in card.text
    assert "Ask for more…" in buttons(card)


async def test_spend_that_falls_ends_the_clock_and_says_so(alerts):
    await alerts.spend(230, id="r-1")
    assert "Unless somebody acts" in (await alerts.shown()).text
    alerts.now += HOUR
    await alerts.spend(130, id="r-1")

    assert (await clock_of(alerts)).standing is Standing.OVER
    for card in (await messages(alerts)).values():
        assert "Unless somebody acts" not in card.text
        assert "It was past 90 %; spend was corrected, now 52 %." in card.text
    await alerts.tick(100 * HOUR)
    assert await alerts.heard(MIA) == []


async def clock_of(alerts):
    async with alerts.database.reading() as ledger:
        return await ledger.acknowledgements.newest(alerts.workflow.key)
