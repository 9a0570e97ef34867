"""An alert at or above the soft limit is followed until somebody acts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.acknowledgements import NothingWaits
from bot.changes import Change
from bot.delegations import Absence, Delegation
from bot.refusal import NotAllowed
from bot.workflows import Status, moved
from handlers.flows.release_words import release_words
from tests.alerting import Alerts
from tests.builders import ANA, FIN, MIA, MONDAY, OWEN, SAM, a_workflow, an_organisation
from tests.registry import holds

HOUR = timedelta(hours=1)


@pytest.fixture
async def alerts(database):
    return await Alerts(database).settle()


async def test_below_the_soft_limit_nobody_is_asked_to_act(alerts):
    await alerts.spend(190)
    await alerts.tick(100 * HOUR)

    assert await alerts.replies() == []
    assert "I've seen it" not in str((await alerts.shown()).blocks)


async def test_the_alert_states_who_is_asked_when(alerts):
    await alerts.spend(230)

    card = holds(await alerts.shown())
    assert "the backup is asked <!date" in card.text
    assert "Mon 23 Nov 14:00 CET" in card.text
    assert "finance <!date" in card.text
    assert "I've seen it" in str(card.blocks)


async def test_each_is_asked_in_turn_and_once(alerts):
    await alerts.spend(230)

    for hours in (3, 1, 1, 3, 16, 1, 100):
        await alerts.tick(hours * HOUR)
        await alerts.tick()

    assert [len(await alerts.heard(one)) for one in (OWEN, MIA, ANA, FIN)] == [1, 1, 1, 1]
    backup, approver, finance = await alerts.replies()
    assert "No one has acted for 4 h: <@U0MIA> (backup) is asked. Next: the approver" in backup
    assert "No one has acted for 8 h: <@U0ANA> (approver) is asked. Next: finance" in approver
    assert "<@U0FIN> (finance) is asked. Nobody else is left to ask." in finance
    assert "No one has acted on this alert for 4 h" in (await alerts.heard(MIA))[0]


async def test_what_was_missed_is_caught_up_in_one_word(alerts):
    await alerts.spend(230)

    await alerts.tick(9 * HOUR)

    (reply,) = await alerts.replies()
    assert "<@U0MIA> (backup) and <@U0ANA> (approver) are asked" in reply


async def test_a_role_that_is_empty_or_was_told_is_skipped(database):
    workflow = a_workflow(backup=OWEN, approver=None)
    organisation = an_organisation(finance=(ANA, FIN))
    alerts = await Alerts(database, organisation, workflow).settle()
    await alerts.spend(230)

    for _ in range(4):
        await alerts.tick(8 * HOUR)

    assert [len(await alerts.heard(one)) for one in (OWEN, ANA, FIN)] == [1, 1, 1]
    assert len(await alerts.replies()) == 2


async def test_the_backup_is_addressed_from_the_start_while_the_owner_is_away(database):
    away = Absence(OWEN, MONDAY - HOUR, MONDAY + 24 * HOUR)
    alerts = await Alerts(database, an_organisation(absences=(away,))).settle()
    await alerts.spend(230)
    await alerts.tick(5 * HOUR)

    (word,) = await alerts.heard(MIA)
    assert "You are its backup, and its owner <@U0OWEN> is away." in word
    assert await alerts.replies() == []


async def test_whoever_stands_in_is_asked_beside_them(database):
    stands_in = Delegation("d-1", MIA, "U0ZOE", MONDAY, MONDAY + 24 * HOUR, "leave")
    alerts = await Alerts(database, an_organisation(delegations=(stands_in,))).settle()
    await alerts.spend(230)
    await alerts.tick(4 * HOUR)

    assert len(await alerts.heard("U0ZOE")) == len(await alerts.heard(MIA)) == 1
    assert (await alerts.sees("U0ZOE")).by == "U0ZOE"


async def test_seeing_it_stops_it_and_says_who(alerts):
    await alerts.spend(230)
    alerts.now += HOUR
    await alerts.sees(MIA)
    await alerts.tick(100 * HOUR)

    card = holds(await alerts.shown())
    assert "<@U0MIA> has seen it, <!date" in card.text
    assert "I've seen it" not in str(card.blocks)
    assert await alerts.replies() == []
    assert "Nobody else is asked" in (await alerts.shown(f"{await alerts.alert()}:dm")).text


async def test_the_second_is_told_who_was_first(alerts):
    await alerts.spend(230)
    await alerts.sees(MIA)

    with pytest.raises(NothingWaits, match="<@U0MIA> has seen it already, Mon 23 Nov 10:00 CET"):
        await alerts.sees(OWEN)


async def test_who_was_asked_may_say_they_have_seen_it(alerts):
    await alerts.spend(230)
    with pytest.raises(NotAllowed, match="may act: <@U0OWEN>, <@U0MIA>, <@U0ANA> or <@U0SAM>"):
        await alerts.sees(FIN)

    await alerts.tick(24 * HOUR)

    assert (await alerts.sees(FIN)).by == FIN


async def test_an_outsider_stops_nothing(alerts):
    await alerts.spend(230)
    with pytest.raises(NotAllowed):
        await alerts.sees("U0EVE")

    await alerts.tick(4 * HOUR)

    assert len(await alerts.replies()) == 1


async def test_any_change_by_somebody_who_may_act_stops_it(alerts):
    await alerts.spend(230)
    await changed(alerts, OWEN, "asked for +$100.00")
    await alerts.tick()
    await alerts.tick(100 * HOUR)

    assert "<@U0OWEN> asked for +$100.00, <!date" in (await alerts.shown()).text
    assert await alerts.replies() == []


@pytest.mark.parametrize("actor", ["U0EVE", "budget-bot"])
async def test_what_somebody_else_did_stops_nothing(alerts, actor):
    await alerts.spend(230)
    await changed(alerts, actor, "asked for +$100.00")
    await alerts.tick()
    await alerts.tick(4 * HOUR)

    assert len(await alerts.replies()) == 1


async def test_what_was_done_before_the_alert_does_not_count(alerts):
    await changed(alerts, OWEN, "edited")
    await alerts.spend(230)
    await alerts.tick(4 * HOUR)

    assert len(await alerts.replies()) == 1


async def test_a_higher_alert_goes_on_with_the_clock_that_runs(alerts):
    await alerts.spend(230)
    alerts.now += 3 * HOUR
    await alerts.spend(30)
    await alerts.tick(HOUR)
    await alerts.tick()

    assert len([one for one in await alerts.replies() if "No one has acted" in one]) == 1
    (word,) = await alerts.heard(MIA)
    assert "is over its weekly cap" in word


async def test_a_higher_alert_after_an_answer_asks_again(alerts):
    await alerts.spend(230)
    await alerts.sees(OWEN)
    await alerts.spend(30)
    await alerts.tick(4 * HOUR)

    assert len(await alerts.heard(MIA)) == 1


async def test_the_end_of_the_period_stops_it(alerts):
    alerts.now = MONDAY + timedelta(days=6, hours=13)
    await alerts.spend(230)
    await alerts.tick(5 * HOUR)

    assert await alerts.replies() == []
    assert "Nobody has to act on this any more." in (await alerts.shown()).text


async def test_a_button_of_an_earlier_period_leaves_the_clock_of_this_one_alone(alerts):
    await alerts.spend(230)
    await alerts.tick(timedelta(days=7))
    await alerts.spend(230)

    with pytest.raises(NothingWaits, match="This is an earlier alert"):
        await alerts.sees(OWEN)

    await alerts.tick(4 * HOUR)
    assert len(await alerts.heard(MIA)) == 1


async def test_a_corrected_bill_stops_it(alerts):
    await alerts.spend(230, id="call-1")
    await alerts.spend(130, id="call-1")
    await alerts.tick(4 * HOUR)

    assert await alerts.replies() == []


async def test_home_shows_it_to_those_who_were_asked_until_somebody_acts(alerts):
    await alerts.spend(230)
    line = "the alert of *Search ranking* (`search-ranking`) in <#C0SEARCH> waits for somebody"
    assert line in await alerts.home(OWEN)
    assert line not in await alerts.home(MIA)

    await alerts.tick(4 * HOUR)
    assert line in await alerts.home(MIA)
    assert line not in await alerts.home(ANA)

    await alerts.snoozes(OWEN)
    assert line not in await alerts.home(OWEN)
    await alerts.wakes(OWEN)
    assert line in await alerts.home(OWEN)
    await alerts.sees(MIA)
    assert line not in await alerts.home(OWEN) + await alerts.home(MIA)


async def test_a_workflow_that_rests_asks_nobody(alerts):
    await alerts.spend(230)
    async with alerts.database.ledger() as ledger:
        workflow = await ledger.workflows.get(alerts.workflow.key)
        await ledger.workflows.save(moved(workflow, Status.PAUSED, alerts.now))
    await alerts.tick(4 * HOUR)

    assert await alerts.replies() == []


async def test_at_the_hard_limit_the_next_is_woken(database):
    alerts = await Alerts(database, now=MONDAY + 12 * HOUR).settle()
    await alerts.spend(260)
    await alerts.tick(4 * HOUR)

    assert len(await alerts.heard(OWEN)) == len(await alerts.heard(MIA)) == 1


async def test_what_waits_for_the_morning_is_not_said_once_somebody_has_acted(database):
    alerts = await Alerts(database, now=MONDAY + 9 * HOUR).settle()
    await alerts.spend(230)
    await alerts.tick(4 * HOUR)
    assert await alerts.heard(MIA) == []

    await alerts.sees(OWEN)
    async with database.ledger() as ledger:
        await release_words(ledger, alerts.organisation, alerts.now + 12 * HOUR)

    assert await alerts.heard(MIA) == []


async def test_a_word_that_waited_says_how_it_stands_when_it_is_said(database):
    alerts = await Alerts(database, now=MONDAY + 11 * HOUR).settle()
    await alerts.spend(230)
    await alerts.sees(MIA)
    async with database.ledger() as ledger:
        await release_words(ledger, alerts.organisation, alerts.now + 12 * HOUR)

    (word,) = await alerts.heard(OWEN)
    assert "<@U0MIA> has seen it" in word


async def test_the_hours_that_were_stated_stay(alerts):
    await alerts.spend(230)
    policy = replace(alerts.organisation.policy, acknowledge_hours=(1,))
    alerts.organisation = replace(alerts.organisation, policy=policy)

    await alerts.tick(2 * HOUR)
    assert await alerts.replies() == []

    await alerts.tick(2 * HOUR)
    assert len(await alerts.replies()) == 1


async def changed(alerts, actor, what):
    async with alerts.database.ledger() as ledger:
        await ledger.changes.add(Change(alerts.now, actor, alerts.workflow.key, what))


async def test_an_admin_may_act_too(alerts):
    await alerts.spend(230)

    assert (await alerts.sees(SAM)).by == SAM
