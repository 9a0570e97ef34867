import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.alerts import NEVER
from bot.cards.kit import when
from bot.periods import CapKind, Period
from bot.workflows import Caps, Status
from handlers.steps.raise_alerts import raise_alerts
from storage.database import Database
from storage.schema import migrate
from tests.builders import MONDAY, OWEN, a_team, a_workflow, an_organisation, an_override
from tests.outbox import leaves, said
from tests.spending import a_record, spend

ORGANISATION = an_organisation()
WORKFLOW = a_workflow()
LATER = MONDAY + timedelta(hours=3)
NEXT_WEEK = MONDAY + timedelta(days=7)
SEARCH = "C0SEARCH"


@pytest.fixture
async def registry(database):
    """The database with one active workflow: 250 a week, 900 a month."""
    await register(database, WORKFLOW)
    return database


async def register(database, workflow):
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team())
        return await ledger.workflows.add(workflow)


async def look(database, now=MONDAY, organisation=ORGANISATION):
    async with database.ledger() as ledger:
        return (await raise_alerts(ledger, organisation, [WORKFLOW.key], now)).get(WORKFLOW.key)


async def spend_and_look(database, usd, at=MONDAY, workflow=WORKFLOW, **named):
    await spend(database, workflow, usd, at, **named)
    return await look(database, at)


async def test_below_every_threshold_nothing_is_said(registry):
    await spend_and_look(registry, "187.499999999")

    assert await said(registry) == []


async def test_the_channel_and_the_owner_are_told(registry):
    await spend_and_look(registry, "187.50")

    assert [notice.channel for notice in await said(registry)] == [SEARCH, OWEN]


async def test_where_nobody_answers_for_it_only_the_channel_is_told(database):
    await register(database, replace(WORKFLOW, owner=None, backup=None))

    await spend_and_look(database, 200)

    assert [notice.channel for notice in await said(database)] == [SEARCH]


async def test_the_workflows_own_channel_goes_before_its_teams(database):
    await register(database, replace(WORKFLOW, channel="C0RANK"))

    await spend_and_look(database, 200)

    assert len(await said(database, to="C0RANK")) == 1


async def test_a_jump_over_several_thresholds_is_one_alert(registry):
    await spend_and_look(registry, 100)
    await spend_and_look(registry, 200, LATER)

    (alert,) = await said(registry, to=SEARCH)
    assert "is over its weekly cap ($300.00 of $250.00, 120 %)" in alert.text


async def test_several_caps_crossed_at_once_are_one_message(registry):
    await spend_and_look(registry, 700)

    (alert,) = await said(registry, to=SEARCH)
    assert "is over its weekly cap" in alert.text
    assert "has used 77 % of its monthly cap" in alert.text
    assert len(await said(registry, to=OWEN)) == 1


async def test_the_same_batch_again_says_nothing(registry):
    await spend_and_look(registry, 200)
    await look(registry)
    await look(registry, LATER)

    assert len(await said(registry, to=SEARCH)) == 1


async def test_a_restarted_bot_says_nothing_again(registry):
    await spend_and_look(registry, 200)
    restarted = Database(registry.url.render_as_string(hide_password=False))

    await look(restarted)

    assert len(await said(registry, to=SEARCH)) == 1
    await restarted.close()


async def test_later_thresholds_are_replies_and_keep_the_first_message_current(registry):
    await spend_and_look(registry, 190)
    await spend_and_look(registry, 40, LATER)

    first, reply = await said(registry, to=SEARCH)
    assert reply.target == first.key
    (edit,) = await said(registry, act="update", to=SEARCH)
    assert edit.target == first.key
    assert "has used 92 % of its weekly cap ($230.00 of $250.00)" in edit.text


async def test_the_owner_gets_later_thresholds_as_messages_of_their_own(registry):
    await spend_and_look(registry, 190)
    await leaves(registry)
    await spend_and_look(registry, 40, LATER)

    assert [notice.target for notice in await said(registry, to=OWEN)] == [None, None]


async def test_a_cap_that_joins_later_gets_a_message_in_the_channel(registry):
    await spend_and_look(registry, 230)
    await spend_and_look(registry, 470, LATER)

    first, second = await said(registry, to=SEARCH)
    assert (first.target, second.target) == (None, None)


async def test_a_moved_workflow_starts_a_thread_in_its_new_channel(registry):
    await spend_and_look(registry, 190)
    async with registry.ledger() as ledger:
        workflow = await ledger.workflows.get(WORKFLOW.key)
        await ledger.workflows.save(replace(workflow, channel="C0RANK"))

    await spend_and_look(registry, 40, LATER)
    await spend_and_look(registry, 40, LATER)

    first, reply = await said(registry, to="C0RANK")
    assert (first.target, reply.target) == (None, first.key)


async def test_a_new_week_alerts_again(registry):
    await spend_and_look(registry, 200)
    await spend_and_look(registry, 200, NEXT_WEEK)

    assert len(await said(registry, to=SEARCH)) == 2


async def test_a_closed_period_announces_nothing(registry):
    await spend(registry, WORKFLOW, 240, MONDAY)

    await look(registry, NEXT_WEEK)

    assert await said(registry) == []


async def test_an_override_raises_what_counts_and_arms_it_anew(registry):
    await spend_and_look(registry, 200)
    async with registry.ledger() as ledger:
        await ledger.overrides.add(an_override())
    await look(registry)
    await spend_and_look(registry, 70, LATER)

    _, alert = await said(registry, to=SEARCH)
    assert "has used 77 % of its weekly cap ($270.00 of $350.00)" in alert.text
    assert "The cap includes +$100.00 until" in alert.text


async def test_a_workflows_own_thresholds_go_before_the_policys(database):
    await register(database, replace(WORKFLOW, thresholds=(50,)))

    await spend_and_look(database, 125)

    assert len(await said(database, to=SEARCH)) == 1


async def test_thresholds_lowered_later_do_not_repeat_what_was_said(registry):
    await spend_and_look(registry, 230)
    lower = replace(ORGANISATION, policy=replace(ORGANISATION.policy, thresholds=(50, 80, 90)))

    await look(registry, LATER, lower)

    assert len(await said(registry, to=SEARCH)) == 1


@pytest.mark.parametrize(
    "caps",
    [Caps(daily=Decimal(10)), Caps(monthly=Decimal(10)), Caps(total=Decimal(10))],
    ids=["daily", "monthly", "total"],
)
async def test_every_kind_of_cap_alerts(database, caps):
    workflow = replace(WORKFLOW, caps=caps)
    await register(database, workflow)

    await spend_and_look(database, 9, workflow=workflow)

    assert len(await said(database, to=SEARCH)) == 1


async def test_a_total_cap_alerts_once_and_never_again(database):
    workflow = replace(WORKFLOW, caps=Caps(total=Decimal(10)))
    await register(database, workflow)

    await spend_and_look(database, 9, workflow=workflow)
    await spend_and_look(database, "0.5", NEXT_WEEK, workflow)

    assert len(await said(database, to=SEARCH)) == 1


async def test_a_proposed_workflow_raises_no_alert(database):
    proposed = replace(WORKFLOW, status=Status.PROPOSED, activated_at=None)
    await register(database, proposed)

    quiet = await spend_and_look(database, 1000, workflow=proposed)

    assert await said(database) == []
    assert quiet.marks == {}


async def test_a_bill_corrected_downward_rewrites_the_message_at_once(registry):
    await spend_and_look(registry, 230, id="bill")
    await spend_and_look(registry, 180, id="bill")

    assert len(await said(registry, to=SEARCH)) == 1
    (edit,) = await said(registry, act="update", to=SEARCH)
    assert "It was past 90 %; spend was corrected, now 72 %." in edit.text


async def test_a_corrected_bill_that_rises_again_rewrites_the_message_at_once(registry):
    await spend_and_look(registry, 251, id="bill")
    fallen = await spend_and_look(registry, 180, id="bill")
    assert fallen.marks[CapKind.WEEKLY][1] == Decimal("187.5")

    await spend_and_look(registry, 375, id="bill")

    assert len(await said(registry, to=SEARCH)) == 1
    edits = await said(registry, act="update", to=SEARCH)
    assert "is over its weekly cap ($375.00 of $250.00, 150 %)" in edits[-1].text
    assert "corrected" not in edits[-1].text


async def test_a_corrected_bill_is_told_once_until_more_changes(registry):
    await spend_and_look(registry, 230, id="bill")
    await spend_and_look(registry, 180, id="bill")
    async with registry.ledger() as ledger:
        before = [one.at for one in await ledger.alerts.alerted(MONDAY)]

    await look(registry, LATER)

    async with registry.ledger() as ledger:
        assert [one.at for one in await ledger.alerts.alerted(MONDAY)] == before


async def test_spend_that_comes_back_after_a_correction_repeats_nothing(registry):
    await spend_and_look(registry, 230, id="bill")
    await spend_and_look(registry, 180, id="bill")
    await spend_and_look(registry, 50, LATER)

    assert len(await said(registry, to=SEARCH)) == 1


async def test_what_stays_quiet_is_said_exactly(registry):
    quiet = await spend_and_look(registry, 200)

    week = datetime(2026, 11, 22, 23, tzinfo=UTC)
    assert quiet.marks[CapKind.WEEKLY] == (week, Decimal(225))
    assert quiet.marks[CapKind.MONTHLY][1] == Decimal(675)
    assert quiet.until == datetime(2026, 11, 29, 23, tzinfo=UTC)


async def test_past_the_highest_threshold_nothing_is_left_to_say(registry):
    quiet = await spend_and_look(registry, 251)

    assert quiet.marks[CapKind.WEEKLY][1] == NEVER


async def test_what_is_quiet_changes_when_an_override_ends(registry):
    end = MONDAY + timedelta(hours=2)
    async with registry.ledger() as ledger:
        await ledger.overrides.add(an_override(end=end))

    assert (await look(registry)).until == end


async def test_a_workflow_nobody_knows_is_left_out(database):
    assert await look(database) is None


@pytest.mark.parametrize("status", [Status.PAUSED, Status.ENDED])
async def test_spend_of_a_stopped_workflow_is_told_once_a_week(database, status):
    stopped = replace(WORKFLOW, status=status, status_since=MONDAY)
    await register(database, stopped)
    await spend(database, WORKFLOW, 100, MONDAY - timedelta(hours=1))
    await spend(database, WORKFLOW, 130, MONDAY)

    await spend_and_look(database, "12.50", LATER)
    await spend_and_look(database, 500, LATER + timedelta(hours=1))
    await spend_and_look(database, 3, NEXT_WEEK)

    first, second = await said(database, to=SEARCH)
    assert f"is {status}, but $12.50 was spent since" in first.text
    assert f"Data through {when(LATER, 'Europe/Berlin')} (test)." in first.text
    assert "$3.00 was spent" in second.text
    assert len(await said(database, to=OWEN)) == 2


@pytest.mark.parametrize("since", [LATER, MONDAY], ids=["before it", "at its very instant"])
async def test_spend_until_the_pause_is_no_news(database, since):
    await register(database, replace(WORKFLOW, status=Status.PAUSED, status_since=since))

    quiet = await spend_and_look(database, 1000)

    assert await said(database) == []
    assert not quiet.covers(_week(quiet), Decimal(1000))


async def test_the_first_instant_of_a_week_counts_for_what_was_paused_before(database):
    await register(database, replace(WORKFLOW, status=Status.PAUSED, status_since=MONDAY))
    next_week = datetime(2026, 11, 29, 23, tzinfo=UTC)

    await spend_and_look(database, 4, next_week)

    (told,) = await said(database, to=SEARCH)
    assert "$4.00 was spent" in told.text


async def test_once_told_a_stopped_workflow_is_quiet_for_the_week(database):
    await register(database, replace(WORKFLOW, status=Status.PAUSED, status_since=MONDAY))

    quiet = await spend_and_look(database, 1, LATER)

    assert quiet.covers(_week(quiet), Decimal(1000))


def _week(quiet):
    return Period(CapKind.WEEKLY, quiet.marks[CapKind.WEEKLY][0], quiet.until)


async def test_two_processes_raise_one_alert(postgres_url):
    url = postgres_url()
    one, other = Database(url), Database(url)
    await migrate(one)
    await register(one, WORKFLOW)
    for day in range(20):
        at = MONDAY + timedelta(days=7 * day)
        await spend(one, WORKFLOW, 240, at)

        await asyncio.gather(*(look(database, at) for database in (one, other) * 3))

    assert len(await said(one, to=SEARCH)) == 20
    await one.close()
    await other.close()


async def test_writers_that_cross_together_announce_each_threshold_once(postgres_url):
    url = postgres_url()
    one, other = Database(url), Database(url)
    await migrate(one)
    await register(one, WORKFLOW)

    async def write(database):
        for _ in range(10):
            async with database.ledger() as ledger:
                await ledger.usage.record([a_record(WORKFLOW, 6, MONDAY)], MONDAY)
                await raise_alerts(ledger, ORGANISATION, [WORKFLOW.key], MONDAY)

    await asyncio.gather(*(write(database) for database in (one, other) * 3))

    async with one.reading() as ledger:
        raised = await ledger.alerts.running([WORKFLOW.key], MONDAY)
    assert [alert.threshold for alert in raised] == [75, 90, 100]
    assert [alert.spent for alert in raised] == [192, 228, 252]
    assert len(await said(one, to=SEARCH)) == 3
    await one.close()
    await other.close()
