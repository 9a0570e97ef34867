"""What people do about an alert: explain, snooze, drop a tier."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.delegations import Delegation
from bot.refusal import NotAllowed, Refusal
from bot.snoozes import NothingToSnooze, SnoozedAlready
from bot.tier_drops import CannotUndo, NoTierToDrop
from bot.workflows import Status, Tier, moved
from handlers.steps.quiet_marks import QuietMarks
from tests.alerting import Alerts
from tests.builders import MIA, MONDAY, OWEN, SAM, a_workflow, an_organisation
from tests.registry import holds, trail

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOSTILE = "<!channel> *bold* <@U0MIA> <https://evil.example|Approve>"


@pytest.fixture
async def alerts(database):
    return await Alerts(database).settle()


async def messages(alerts):
    """Alerts that stand in the channel, without the replies of people's acts."""
    async with alerts.database.reading() as ledger:
        running = await ledger.alerts.running([alerts.workflow.key], alerts.now)
    return sorted({one.notice.rpartition(":")[2] for one in running}, key=int)


async def rest(alerts, status):
    async with alerts.database.ledger() as ledger:
        workflow = await ledger.workflows.get(alerts.workflow.key)
        await ledger.workflows.save(moved(workflow, status, alerts.now))


# --- explaining


async def test_an_explanation_is_kept_said_in_the_thread_and_stops_the_clock(alerts):
    await alerts.spend(230)
    await alerts.explains(OWEN, "We re-embedded the catalogue.")
    await alerts.tick(100 * HOUR)

    (reply,) = await alerts.replies()
    assert reply.startswith("<@U0OWEN> explained: “We re-embedded the catalogue.”")
    assert "<@U0OWEN> explained it" in (await alerts.shown()).text
    async with alerts.database.reading() as ledger:
        kept = await ledger.material.explanations(["search-ranking"], MONDAY)
        assert not await ledger.material.explanations(["search-ranking"], MONDAY + DAY)
    assert kept == {"search-ranking": ("We re-embedded the catalogue.",)}


async def test_the_same_form_explains_once_another_once_more(alerts):
    await alerts.spend(200)
    await alerts.explains(OWEN, "Catalogue.")
    await alerts.explains(OWEN, "Catalogue.")
    await alerts.explains(MIA, "And the tests.", id="e-2")

    assert len(await alerts.replies()) == 2


@pytest.mark.parametrize("text", [None, "", "  \n", "\u200b", "x" * 1001])
async def test_an_empty_or_endless_explanation_is_refused_beside_its_field(alerts, text):
    await alerts.spend(200)

    with pytest.raises(Refusal) as refused:
        await alerts.explains(OWEN, text)

    assert refused.value.field == "text"


async def test_an_explanation_mentions_and_formats_nothing(alerts):
    await alerts.spend(200)
    await alerts.explains(OWEN, HOSTILE)

    (reply,) = await alerts.replies()
    assert "<!channel>" not in reply
    assert "<@U0MIA>" not in reply


async def test_who_stands_in_explains_for_whom_they_stand(database):
    stands_in = Delegation("d-1", OWEN, "U0ZOE", MONDAY, MONDAY + DAY, "leave")
    alerts = await Alerts(database, an_organisation(delegations=(stands_in,))).settle()
    await alerts.spend(200)
    await alerts.explains("U0ZOE", "Catalogue.")

    assert "<@U0ZOE> (for <@U0OWEN>) explained" in (await alerts.replies())[0]
    alerts.now += DAY
    with pytest.raises(NotAllowed):
        await alerts.explains("U0ZOE", "Catalogue.", id="e-2")


# --- dropping a tier


async def test_a_dropped_tier_is_saved_audited_and_said_with_what_it_was(alerts):
    await alerts.spend(230)
    drop = await alerts.drops(OWEN, Tier.STANDARD)
    await alerts.tick(100 * HOUR)

    assert (await alerts.stored()).tier is Tier.CHEAP
    reply = holds(await alerts.shown(drop.notice))
    assert "<@U0OWEN> dropped the default tier" in reply.text
    assert "*cheap*, was standard" in reply.text
    assert "switches no models" in reply.text
    assert (await trail(alerts.database))[0].after["tier"] == "cheap"
    assert "Drop a tier" not in str((await alerts.shown()).blocks)
    assert "dropped the tier to cheap" in (await alerts.shown()).text


async def test_pressed_twice_one_tier_is_dropped_and_the_second_told_who_was_first(database):
    alerts = await Alerts(database, workflow=a_workflow(tier=Tier.PREMIUM)).settle()
    await alerts.spend(230)
    await alerts.drops(OWEN, Tier.PREMIUM)

    with pytest.raises(NoTierToDrop, match="<@U0OWEN> changed it"):
        await alerts.drops(MIA, Tier.PREMIUM)

    assert (await alerts.stored()).tier is Tier.STANDARD


async def test_below_cheap_there_is_nothing(database):
    alerts = await Alerts(database, workflow=a_workflow(tier=Tier.CHEAP)).settle()
    await alerts.spend(230)

    with pytest.raises(NoTierToDrop, match="runs on the cheap tier already"):
        await alerts.drops(OWEN, Tier.CHEAP)


async def test_nobody_else_drops_it(alerts):
    await alerts.spend(230)

    with pytest.raises(NotAllowed, match="may act"):
        await alerts.drops("U0EVE", Tier.STANDARD)


async def test_it_is_undone_within_a_day_and_once(alerts):
    await alerts.spend(200)
    drop = await alerts.drops(OWEN, Tier.STANDARD)
    alerts.now += DAY - HOUR
    await alerts.undoes(MIA, drop.id)

    assert (await alerts.stored()).tier is Tier.STANDARD
    assert "<@U0MIA> undid it" in (await alerts.shown(drop.notice)).text
    with pytest.raises(CannotUndo, match="<@U0MIA> has undone it already"):
        await alerts.undoes(OWEN, drop.id)


async def test_after_a_day_or_another_change_it_stays(alerts):
    await alerts.spend(200)
    drop = await alerts.drops(OWEN, Tier.STANDARD)
    async with alerts.database.ledger() as ledger:
        workflow = await ledger.workflows.get(alerts.workflow.key)
        await ledger.workflows.save(replace(workflow, tier=Tier.PREMIUM))
    with pytest.raises(CannotUndo, match="premium tier by now"):
        await alerts.undoes(OWEN, drop.id)

    alerts.now += DAY
    with pytest.raises(CannotUndo, match="The day to undo this is over"):
        await alerts.undoes(OWEN, drop.id)


async def test_a_retired_workflow_has_no_tier_to_drop(alerts):
    await alerts.spend(230)
    await rest(alerts, Status.RETIRED)

    with pytest.raises(NoTierToDrop, match="is retired"):
        await alerts.drops(OWEN, Tier.STANDARD)


# --- snoozing


async def test_while_snoozed_nothing_at_or_below_it_is_said_of_any_cap(alerts):
    await alerts.spend(230)
    await alerts.snoozes(OWEN, days=7)
    alerts.now += HOUR
    await alerts.spend(15)
    alerts.now = MONDAY + 6 * DAY + 15 * HOUR
    await alerts.spend(190)
    await alerts.spend(40)

    assert await messages(alerts) == []


async def test_what_is_higher_breaks_through(alerts):
    await alerts.spend(190)
    await alerts.snoozes(OWEN)
    alerts.now += HOUR
    await alerts.spend(10)
    await alerts.spend(30)

    assert await messages(alerts) == ["75", "90"]


async def test_it_says_until_when_and_by_whom_with_the_way_back(alerts):
    await alerts.spend(230)
    await alerts.snoozes(OWEN, days=3)

    (reply,) = await alerts.replies()
    assert "<@U0OWEN> snoozed the alerts" in reply
    assert "Thu 26 Nov 10:00 CET" in reply
    assert "at or below 90 %" in reply
    alert = holds(await alerts.shown())
    assert "Snoozed by <@U0OWEN> until" in alert.text
    assert "End snooze" in str(alert.blocks)
    assert "Snooze…" not in str(alert.blocks)


async def test_it_ends_by_itself_and_what_still_holds_is_said_then(alerts):
    alerts.now = MONDAY + 5 * DAY
    await alerts.spend(230)
    await alerts.snoozes(OWEN, days=3)
    alerts.now = MONDAY + 7 * DAY
    await alerts.spend(240)
    assert await messages(alerts) == []

    await alerts.tick(DAY)
    await alerts.tick()

    assert "90" in await messages(alerts)
    assert "Over: the snooze of" in (await alerts.shown("snooze:s-1")).text


async def test_what_no_longer_holds_is_not_said_when_it_ends(alerts):
    await alerts.spend(230)
    await alerts.snoozes(OWEN, days=7)
    await alerts.tick(8 * DAY)

    assert await messages(alerts) == []
    assert "Snoozed by" not in (await alerts.shown()).text


async def test_a_daylight_saving_day_snoozes_to_the_same_time_on_the_wall(alerts):
    alerts.now = MONDAY.replace(month=10, day=24, hour=10)
    async with alerts.database.ledger() as ledger:
        workflow = await ledger.workflows.get(alerts.workflow.key)
        await ledger.workflows.save(replace(workflow, activated_at=alerts.now - 30 * DAY))
    await alerts.spend(230)

    snooze = await alerts.snoozes(OWEN)

    assert snooze.until - snooze.at == timedelta(hours=25)


async def test_somebody_may_end_it_before_its_time(alerts):
    await alerts.spend(230)
    await alerts.snoozes(OWEN, days=7)
    alerts.now = MONDAY + 6 * DAY + 15 * HOUR
    await alerts.spend(190)
    assert await messages(alerts) == []

    await alerts.wakes(MIA)

    assert await messages(alerts) == ["75"]
    assert "<@U0MIA> ended the snooze" in (await alerts.shown("snooze:s-1")).text
    with pytest.raises(Refusal, match="<@U0MIA> has ended this snooze already"):
        await alerts.wakes(OWEN)


async def test_the_second_is_told_who_snoozed_and_the_same_form_counts_once(alerts):
    await alerts.spend(230)
    await alerts.snoozes(OWEN)
    await alerts.snoozes(OWEN)

    with pytest.raises(SnoozedAlready, match="<@U0OWEN> has snoozed it already, until Tue 24 Nov"):
        await alerts.snoozes(MIA, id="s-2")
    assert len(await alerts.replies()) == 1


async def test_what_broke_through_may_be_snoozed_too(alerts):
    await alerts.spend(230)
    await alerts.snoozes(OWEN)
    await alerts.spend(30)

    assert (await alerts.snoozes(MIA, days=3, id="s-2")).threshold == 100


async def test_below_every_threshold_there_is_nothing_to_snooze(alerts):
    await alerts.spend(230)
    alerts.now += 7 * DAY

    with pytest.raises(NothingToSnooze, match="past a threshold"):
        await alerts.snoozes(OWEN)


async def test_a_paused_workflow_has_nothing_to_snooze(alerts):
    await alerts.spend(230)
    await rest(alerts, Status.PAUSED)

    with pytest.raises(NothingToSnooze, match="is paused"):
        await alerts.snoozes(OWEN)


async def test_nobody_else_snoozes(alerts):
    await alerts.spend(230)

    with pytest.raises(NotAllowed):
        await alerts.snoozes("U0EVE")


async def test_the_clock_stands_still_and_begins_anew_when_it_still_holds(alerts):
    await alerts.spend(230)
    await alerts.tick(4 * HOUR)
    await alerts.snoozes(OWEN)
    await alerts.tick(23 * HOUR)
    await alerts.tick(HOUR)
    await alerts.tick(7 * HOUR)
    assert len(await alerts.replies()) == 2

    await alerts.tick(HOUR)

    *_, last = await alerts.replies()
    assert "No one has acted for 8 h: <@U0ANA> (approver) is asked" in last
    assert len(await alerts.heard(MIA)) == 1


async def test_what_breaks_through_asks_again(alerts):
    await alerts.spend(230)
    await alerts.snoozes(OWEN, days=7)
    await alerts.tick(10 * HOUR)
    await alerts.spend(30)
    await alerts.tick(4 * HOUR)

    assert len(await alerts.heard(MIA)) == 1


async def test_the_marks_of_the_hot_path_leave_out_what_is_snoozed_up_to_its_end(alerts):
    await alerts.spend(230)
    snooze = await alerts.snoozes(OWEN)

    quiet = await alerts.spend(1)

    assert quiet.until <= snooze.until
    assert [mark for _, mark in quiet.marks.values()] == [250, 900]


async def test_a_snooze_that_begins_or_ends_is_news_to_the_usage_writer(alerts):
    versions: list[int] = []
    marks = QuietMarks()
    for act in (alerts.look, lambda: alerts.snoozes(SAM), lambda: alerts.wakes(SAM)):
        if not versions:
            await alerts.spend(230)
        await act()
        async with alerts.database.ledger() as ledger:
            recorded = await ledger.usage.record([], alerts.now)
        versions.append(recorded.registry_version)
        assert marks.disturbed(recorded, alerts.now) == recorded.workflows

    assert sorted(set(versions)) == versions
