"""What is said ahead of a cap: once, when looks hours apart agree."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.caps import caps_in_force
from bot.periods import BEGINNING, Calendar, CapKind, local_day, midnight
from bot.snoozes import Snooze
from bot.workflows import Caps, Status
from handlers.flows.foresee import PAGE, foresee
from handlers.steps.raise_alerts import raise_alerts
from handlers.steps.take_forecast import take_forecast
from storage.database import Database
from tests.builders import MONDAY, OWEN, a_team, a_workflow, an_organisation, an_override
from tests.outbox import said
from tests.registry import holds
from tests.spending import a_record

ORGANISATION = an_organisation()
WORKFLOW = a_workflow(caps=Caps(weekly=Decimal(250)))
SEARCH = "C0SEARCH"
THURSDAY = MONDAY + timedelta(days=3)


async def a_history(database, workflow, usd, until, days=60):
    """As much each day at noon, up to and with the day of `until`."""
    zone = workflow.calendars[-1].zone
    last = local_day(until, zone)
    noons = (midnight(last - timedelta(days=n), zone) + timedelta(hours=9) for n in range(days))
    async with database.ledger() as ledger:
        await ledger.usage.record(
            [a_record(workflow, usd, at) for at in noons if at <= until], until
        )


async def moved_in(database, *workflows):
    async with database.ledger() as ledger:
        await ledger.organisation.save(ORGANISATION)
        await ledger.teams.save(a_team())
        for one in workflows or (WORKFLOW,):
            await ledger.workflows.add(one)
    return database


@pytest.fixture
async def heading_over(database):
    """$50 a day, and a weekly cap of $250."""
    await moved_in(database)
    await a_history(database, WORKFLOW, 50, THURSDAY)
    return database


async def look(database, now, organisation=ORGANISATION):
    async with database.ledger() as ledger:
        await foresee(ledger, organisation, now)


async def headed_over(database):
    return [one for one in await said(database, to=SEARCH) if "heading over" in one.text]


async def looks(database, *hours):
    for hour in hours:
        await look(database, THURSDAY + timedelta(hours=hour))


async def test_two_looks_hours_apart_say_it_once_in_channel_and_to_the_owner(heading_over):
    await looks(heading_over, 0, 5)
    assert await said(heading_over) == []

    await looks(heading_over, 6, 7, 8)

    [message] = await said(heading_over, to=SEARCH)
    assert "*Search ranking* is heading over its weekly cap" in message.text
    assert "$200.00 of $250.00" in message.text
    assert "Forecast $350 by" in message.text
    assert "It hits the cap" in message.text
    assert "budget-bot only tells" in message.text
    holds(message)
    [word, draft] = await said(heading_over, to=OWEN)
    assert "You answer for it." in word.text
    assert "$100.00 more on the weekly cap" in draft.text


async def test_one_look_an_hour_is_enough(heading_over):
    for minute in range(0, 60, 7):
        await looks(heading_over, minute / 60)

    async with heading_over.reading() as ledger:
        [one] = await ledger.forewarnings.running([WORKFLOW.key], THURSDAY)
    assert (one.since, one.seen_at) == (THURSDAY, THURSDAY)


async def test_a_look_that_says_otherwise_starts_the_count_again(heading_over):
    await looks(heading_over, 0)
    async with heading_over.ledger() as ledger:
        await ledger.overrides.add(
            an_override(start=THURSDAY, end=THURSDAY + timedelta(hours=4), amount=Decimal(500))
        )
    await looks(heading_over, 3, 4, 6, 9)
    assert await headed_over(heading_over) == []

    await looks(heading_over, 10)

    assert len(await headed_over(heading_over)) == 1


async def test_another_cap_in_force_is_forewarned_of_again(heading_over):
    await looks(heading_over, 0, 6)
    async with heading_over.ledger() as ledger:
        await ledger.overrides.add(an_override(start=THURSDAY, amount=Decimal(60)))

    await looks(heading_over, 7, 13)

    assert len(await said(heading_over, to=SEARCH)) == 2


async def test_the_next_period_has_its_own(heading_over):
    await looks(heading_over, 0, 6)
    week = timedelta(days=7)
    async with heading_over.ledger() as ledger:
        days = [THURSDAY + timedelta(days=n, hours=1) for n in range(1, 8)]
        await ledger.usage.record([a_record(WORKFLOW, 50, at) for at in days], THURSDAY + week)

    await looks(heading_over, 7 * 24 + 2, 7 * 24 + 8)

    assert len(await said(heading_over, to=SEARCH)) == 2


async def test_a_restart_between_the_looks_loses_nothing(heading_over):
    await looks(heading_over, 0)
    again = Database(str(heading_over.url.render_as_string(hide_password=False)))
    try:
        await looks(again, 6)
    finally:
        await again.close()
    await looks(heading_over, 7)

    assert len(await said(heading_over, to=SEARCH)) == 1


async def test_two_replicas_that_look_at_once_say_it_once(heading_over):
    await looks(heading_over, 0)
    other = Database(str(heading_over.url.render_as_string(hide_password=False)))
    try:
        await asyncio.gather(looks(heading_over, 6), looks(other, 6))
    finally:
        await other.close()

    assert len(await said(heading_over, to=SEARCH)) == 1
    assert len(await said(heading_over, to=OWEN)) == 2


async def test_it_stands_under_the_first_alert_of_its_period(heading_over):
    async with heading_over.ledger() as ledger:
        await raise_alerts(ledger, ORGANISATION, [WORKFLOW.key], THURSDAY)

    await looks(heading_over, 0, 6)

    alert, forewarning = await said(heading_over, to=SEARCH)
    assert forewarning.target == alert.key


async def test_once_the_cap_is_used_up_the_alert_has_said_it(heading_over):
    await looks(heading_over, 0)
    async with heading_over.ledger() as ledger:
        await ledger.usage.record([a_record(WORKFLOW, 60, THURSDAY)], THURSDAY)

    await looks(heading_over, 6)

    assert await headed_over(heading_over) == []


@pytest.mark.parametrize("status", [Status.PROPOSED, Status.PAUSED, Status.RETIRED, Status.ENDED])
async def test_only_active_workflows_are_looked_at(database, status):
    await moved_in(database, replace(WORKFLOW, status=status))
    await a_history(database, WORKFLOW, 50, THURSDAY)

    await looks(database, 0, 6)

    assert await said(database) == []


async def test_at_night_the_owner_sleeps_and_the_channel_is_told(heading_over):
    await looks(heading_over, 6, 12)

    assert len(await said(heading_over, to=SEARCH)) == 1
    assert await said(heading_over, to=OWEN) == []


async def test_spend_that_will_stay_below_the_cap_says_nothing(database):
    await moved_in(database)
    await a_history(database, WORKFLOW, 30, THURSDAY)

    await looks(database, 0, 6, 12)

    assert await said(database) == []


async def test_more_workflows_than_a_page_are_all_looked_at_within_the_hour(database):
    names = [f"w-{n:03}" for n in range(PAGE + 1)]
    workflows = [a_workflow(key=key, caps=Caps(weekly=Decimal(250))) for key in names]
    await moved_in(database, *workflows)
    await a_history(database, workflows[-1], 50, THURSDAY)

    await looks(database, 0, 0)

    async with database.reading() as ledger:
        assert len(await ledger.forewarnings.running(names, THURSDAY)) == 1


@pytest.mark.parametrize(
    ("zone", "kind", "noon", "start", "end"),
    [
        (
            "Pacific/Auckland",
            CapKind.WEEKLY,
            datetime(2026, 4, 2, tzinfo=UTC),
            datetime(2026, 3, 29, 11, tzinfo=UTC),
            datetime(2026, 4, 5, 12, tzinfo=UTC),
        ),
        (
            "Asia/Kolkata",
            CapKind.MONTHLY,
            datetime(2026, 2, 20, 7, tzinfo=UTC),
            datetime(2026, 1, 31, 18, 30, tzinfo=UTC),
            datetime(2026, 2, 28, 18, 30, tzinfo=UTC),
        ),
        (
            "America/Sao_Paulo",
            CapKind.MONTHLY,
            datetime(2028, 2, 25, 15, tzinfo=UTC),
            datetime(2028, 2, 1, 3, tzinfo=UTC),
            datetime(2028, 3, 1, 3, tzinfo=UTC),
        ),
        (
            "America/Los_Angeles",
            CapKind.WEEKLY,
            datetime(2026, 3, 5, 20, tzinfo=UTC),
            datetime(2026, 3, 2, 8, tzinfo=UTC),
            datetime(2026, 3, 9, 7, tzinfo=UTC),
        ),
        (
            "Europe/Berlin",
            CapKind.WEEKLY,
            datetime(2026, 10, 22, 11, tzinfo=UTC),
            datetime(2026, 10, 18, 22, tzinfo=UTC),
            datetime(2026, 10, 25, 23, tzinfo=UTC),
        ),
    ],
    ids=[
        "Auckland, clocks back",
        "Kolkata",
        "São Paulo, leap year",
        "Los Angeles, clocks forward",
        "Berlin, clocks back",
    ],
)
async def test_periods_are_the_teams_own(database, zone, kind, noon, start, end):
    cap = Decimal(300) if kind is CapKind.WEEKLY else Decimal(1_300)
    workflow = a_workflow(
        caps=Caps(**{kind.value: cap}),
        calendars=(Calendar(BEGINNING, zone),),
        activated_at=datetime(2025, 1, 1, tzinfo=UTC),
    )
    await moved_in(database, workflow)
    await a_history(database, workflow, 50, noon, days=110)

    await look(database, noon)
    await look(database, noon + timedelta(hours=6))

    async with database.reading() as ledger:
        [one] = await ledger.forewarnings.running([workflow.key], noon)
        [in_force] = caps_in_force(workflow, (), noon)
        ahead = await take_forecast(ledger, workflow, in_force, noon)
    assert (one.period.start, one.period.end) == (start, end)
    assert one.said_at == noon + timedelta(hours=6)
    assert ahead is not None
    days = (local_day(end, zone) - local_day(start, zone)).days
    assert abs(ahead.expected - 50 * days) <= 5


async def test_a_snooze_keeps_it_back_until_it_ends(heading_over):
    async with heading_over.ledger() as ledger:
        until = THURSDAY + timedelta(hours=24)
        await ledger.snoozes.begin(Snooze("s-1", WORKFLOW.key, 75, "k", OWEN, THURSDAY, until))
    await looks(heading_over, 0, 6, 12, 23)
    assert await said(heading_over) == []

    await looks(heading_over, 24)

    assert len(await said(heading_over, to=SEARCH)) == 1


def rows_of(card):
    return [block for block in card.blocks if block["type"] == "actions"]


async def shown(database, *, to):
    """What stands there now of a forewarning and its draft."""
    async with database.reading() as ledger:
        return [
            await ledger.notices.shown(one.key)
            for one in await said(database, to=to)
            if "heading over" in one.text or "drafted" in one.text
        ]


async def test_a_cap_that_is_reached_overtakes_what_was_said_ahead_of_it(heading_over):
    await looks(heading_over, 0, 6)
    later = THURSDAY + timedelta(hours=20)
    async with heading_over.ledger() as ledger:
        await ledger.usage.record([a_record(WORKFLOW, 100, later)], later)
        await raise_alerts(ledger, ORGANISATION, [WORKFLOW.key], later)

    [channel] = await shown(heading_over, to=SEARCH)
    word, draft = await shown(heading_over, to=OWEN)
    for card in (channel, word):
        assert "Overtaken: the weekly cap is reached ($300.00 of $250.00)." in card.text
        assert rows_of(card) == []
    assert "Overtaken: the weekly cap is reached" in draft.text
    assert len(rows_of(draft)) == 1


async def test_when_the_period_is_over_nothing_can_be_pressed_on_a_forewarning(heading_over):
    await looks(heading_over, 0, 6)
    await looks(heading_over, 4 * 24 + 1, 4 * 24 + 2)

    for to in (SEARCH, OWEN):
        card, *_ = await shown(heading_over, to=to)
        assert "Over: the week this was said ahead of has ended." in card.text
        assert rows_of(card) == []
    assert len(await said(heading_over, act="update", to=SEARCH)) == 1
