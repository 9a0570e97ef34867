from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from bot.refusal import NotAllowed, Refusal
from bot.workflows import Caps, Kind, NotThatWay, Status
from storage.workflows import ChangedMeanwhile
from tests.builders import ANA, FIN, MIA, MONDAY, OWEN, SAM, a_team, a_workflow
from tests.outbox import said
from tests.registry import entered, presses, settled, stored, submits, trail, types
from tests.spending import spend

pytestmark = pytest.mark.usefixtures("clock")
WORKFLOW = a_workflow()


@pytest.fixture
async def desk(database):
    return await settled(database, WORKFLOW)


async def edits(desk, by, **values):
    return await submits(desk, by, await types(desk, by, "edit search-ranking"), **values)


async def test_the_form_opens_with_the_contract_in_it(desk):
    held = entered((await types(desk, OWEN, "edit search-ranking")).view)

    assert held["kind"] == "production"
    assert (held["weekly_cap"], held["monthly_cap"], held["daily_cap"]) == ("250", "900", None)
    assert (held["metric_target"], held["metric_value"]) == ("40", "35")
    assert held["review_date"] == "2026-12-07"
    assert held["enforcement"] == "alert"


async def test_saving_it_unchanged_changes_nothing(desk):
    done = await edits(desk, OWEN)

    assert "Nothing changed" in done.card.text
    assert await trail(desk.database) == ()
    assert await said(desk.database) == []


async def test_a_lower_cap_holds_at_once_and_says_what_it_has_reached(desk):
    await spend(desk.database, WORKFLOW, 180, MONDAY)

    done = await edits(desk, OWEN, weekly_cap="200", reason="The index is built.")

    assert (await stored(desk.database)).caps.weekly == Decimal(200)
    told = "The weekly cap is now $200.00; $180.00 (90 %) is spent"
    assert "weekly cap $250.00 → $200.00" in done.card.text
    assert told in done.card.text
    in_channel, to_owner = await said(desk.database)
    assert (in_channel.channel, to_owner.channel) == ("C0SEARCH", OWEN)
    assert told in in_channel.text
    assert "“The index is built.”" in in_channel.text
    (change,) = await trail(desk.database)
    assert (change.actor, change.what, change.reason) == (OWEN, "edited", "The index is built.")
    assert (change.before, change.after) == ({"weekly_cap": "250"}, {"weekly_cap": "200"})


@pytest.mark.parametrize("by", [OWEN, SAM], ids=["the owner", "an admin"])
async def test_a_raise_waits_for_the_approver_while_the_rest_holds(desk, by):
    done = await edits(
        desk, by, weekly_cap="300", tool="Cursor", reason="Launch week needs more runs."
    )

    workflow = await stored(desk.database)
    assert (workflow.caps.weekly, workflow.tool) == (Decimal(250), "Cursor")
    assert "$50.00 more on the weekly cap waits for an approval" in done.card.text
    async with desk.database.reading() as ledger:
        (request,) = await ledger.requests.waiting("search-ranking")
    assert (request.amount, request.permanent, request.asked_by) == (Decimal(50), True, by)


async def test_a_raise_of_two_caps_asks_for_both(desk):
    await edits(desk, OWEN, weekly_cap="1000", monthly_cap="2000", reason="Twice the team.")

    async with desk.database.reading() as ledger:
        waiting = await ledger.requests.waiting("search-ranking")
    assert {one.cap: one.amount for one in waiting} == {"weekly": 750, "monthly": 1100}


async def test_a_raise_says_why(desk):
    answer = await edits(desk, OWEN, weekly_cap="300", tool="Cursor")

    assert list(answer.beside) == ["reason"]
    assert (await stored(desk.database)).tool == "Claude Code"


async def test_a_second_raise_of_one_cap_is_refused_beside_it_and_loses_nothing(desk):
    await edits(desk, OWEN, weekly_cap="300", reason="Launch week.")

    with pytest.raises(Refusal, match="already") as refused:
        await edits(desk, OWEN, weekly_cap="320", tool="Cursor", reason="More.")
    assert refused.value.field == "weekly_cap"
    assert (await stored(desk.database)).tool == "Claude Code"


async def test_a_cap_where_there_was_none_holds_at_once(desk):
    await edits(desk, OWEN, daily_cap="60")

    assert (await stored(desk.database)).caps.daily == Decimal(60)


async def test_taking_a_cap_away_is_a_raise_nobody_can_grant(database):
    caps = Caps(daily=Decimal(60), weekly=Decimal(250), monthly=Decimal(900))
    desk = await settled(database, a_workflow(caps=caps))

    answer = await edits(desk, SAM, daily_cap=None)

    assert list(answer.beside) == ["daily_cap"]
    assert "contract apply" in answer.beside["daily_cap"]


async def test_before_activation_a_higher_cap_is_no_raise(database):
    desk = await settled(database, a_workflow(status=Status.PROPOSED, activated_at=None))

    await edits(desk, OWEN, weekly_cap="800", monthly_cap=None)

    assert (await stored(database)).caps == Caps(weekly=Decimal(800))


@pytest.mark.parametrize(
    ("emptied", "beside"),
    [
        pytest.param({"monthly_cap": None}, "monthly_cap", id="a cap"),
        pytest.param({"review_date": None}, "review_date", id="a date"),
        pytest.param({"exception_rule": None}, "exception_rule", id="a text"),
        pytest.param(
            {"success_metric": None, "metric_target": None, "metric_value": None},
            "success_metric",
            id="the metric",
        ),
    ],
)
async def test_what_its_class_needs_cannot_be_emptied_while_it_is_active(desk, emptied, beside):
    answer = await edits(desk, OWEN, **emptied)

    assert list(answer.beside) == [beside]
    assert "cannot be without" in answer.beside[beside]


async def test_another_class_brings_its_own_needs(desk):
    form = await types(desk, OWEN, "edit search-ranking")
    form = await presses(desk, OWEN, "kind", "experiment", form.view)

    answer = await submits(desk, OWEN, form, ends_on=None)
    await submits(desk, OWEN, form, ends_on="2026-12-31")

    workflow = await stored(desk.database)
    assert "cannot be without its end date" in answer.beside["ends_on"]
    assert (workflow.kind, workflow.ends_on) == (Kind.EXPERIMENT, date(2026, 12, 31))
    assert workflow.exception_rule == WORKFLOW.exception_rule


async def test_a_form_overtaken_by_another_edit_stays_open_with_a_word(desk):
    mine = await types(desk, OWEN, "edit search-ranking")
    await edits(desk, ANA, tool="Cursor")

    with pytest.raises(ChangedMeanwhile, match="/budget history search-ranking"):
        await submits(desk, OWEN, mine, weekly_cap="100")
    assert (await stored(desk.database)).caps.weekly == Decimal(250)


async def test_a_stranger_is_told_who_may_before_the_form_opens(desk):
    with pytest.raises(NotAllowed, match=r"<@U0OWEN> or <@U0ANA> \(or an admin\) may change"):
        await types(desk, FIN, "edit search-ranking")


async def test_a_form_that_was_open_before_the_roles_changed_is_checked_again(desk):
    form = await types(desk, MIA, "edit search-ranking")
    await edits(desk, OWEN, backup=None)

    with pytest.raises(NotAllowed):
        await submits(desk, MIA, form, tool="Cursor")


async def test_the_owner_hands_over_and_the_new_one_is_told(desk):
    await edits(desk, OWEN, owner=FIN)

    assert (await stored(desk.database)).owner == FIN
    (told,) = await said(desk.database, to=FIN)
    assert "made you the owner" in told.text
    with pytest.raises(NotAllowed):
        await edits(desk, OWEN)


async def test_a_backup_does_not_name_the_owner(desk):
    with pytest.raises(NotAllowed) as refused:
        await edits(desk, MIA, owner=MIA, backup=None)

    assert refused.value.field == "owner"


async def test_an_owner_does_not_choose_who_approves(desk):
    with pytest.raises(NotAllowed) as refused:
        await edits(desk, OWEN, approver=MIA)
    await edits(desk, ANA, approver=MIA)

    assert refused.value.field == "approver"
    assert (await stored(desk.database)).approver == MIA


GROWTH = a_team(key="growth", channel="C0GROWTH", approver=MIA)


@pytest.mark.parametrize("by", [OWEN, MIA], ids=["the owner", "the backup"])
async def test_nor_by_moving_it_to_a_team_with_another_approver(database, by):
    desk = await settled(database, WORKFLOW, teams=[a_team(), GROWTH])

    with pytest.raises(NotAllowed, match="approver or an admin may move") as refused:
        await edits(desk, by, team="growth")

    assert refused.value.field == "team"
    assert (await stored(database)).team == "search"
    assert await said(database) == []


async def test_whoever_approves_may_move_it_and_both_teams_and_approvers_hear(database):
    desk = await settled(database, WORKFLOW, teams=[a_team(), GROWTH])

    await edits(desk, SAM, team="growth")

    notices = await said(database)
    assert [notice.channel for notice in notices] == ["C0GROWTH", "C0SEARCH", ANA, MIA]
    assert all("team search → growth" in notice.text for notice in notices)
    assert all("approver <@U0ANA> → <@U0MIA>" in notice.text for notice in notices)


async def test_an_owner_moves_it_where_the_approver_stays(database):
    desk = await settled(database, a_workflow(approver=ANA), teams=[a_team(), GROWTH])

    await edits(desk, OWEN, team="growth")

    assert (await stored(database)).team == "growth"


async def test_without_an_approver_an_owner_names_nobody_to_come_before_finance(database):
    desk = await settled(database, WORKFLOW, teams=[a_team(approver=None)])

    with pytest.raises(NotAllowed, match="finance"):
        await edits(desk, OWEN, approver=MIA)
    await edits(desk, FIN, approver=ANA)

    assert (await stored(database)).approver == ANA


async def test_an_owner_who_is_the_approver_names_no_other(database):
    desk = await settled(database, a_workflow(approver=OWEN))

    with pytest.raises(NotAllowed, match="finance"):
        await edits(desk, OWEN, approver=MIA)


async def test_before_activation_the_owner_may_name_the_approver(database):
    proposed = a_workflow(status=Status.PROPOSED, activated_at=None)
    desk = await settled(database, proposed, teams=[a_team(approver=None)])

    await edits(desk, OWEN, approver=MIA)

    assert (await stored(database)).approver == MIA


async def test_another_team_counts_its_days_from_the_next_period_and_hears_at_once(database):
    teams = [a_team(), a_team(key="tokyo", channel="C0TOKYO", timezone="Asia/Tokyo")]
    desk = await settled(database, WORKFLOW, teams=teams)

    await edits(desk, OWEN, team="tokyo")

    workflow = await stored(database)
    assert [one.zone for one in workflow.calendars] == ["Europe/Berlin", "Asia/Tokyo"]
    assert [notice.channel for notice in await said(database)] == ["C0TOKYO", "C0SEARCH"]


async def test_what_is_retired_stays_as_it_is(database):
    desk = await settled(database, a_workflow(status=Status.RETIRED))

    with pytest.raises(NotThatWay, match="closed"):
        await types(desk, OWEN, "edit search-ranking")


async def test_a_long_text_of_the_contract_file_is_not_cut_by_the_form(database):
    rule = "Only when. " * 150
    desk = await settled(database, replace(WORKFLOW, exception_rule=rule.strip()))

    await edits(desk, OWEN, tool="Cursor")

    assert (await stored(database)).exception_rule == rule.strip()


async def test_an_ended_experiment_gets_a_new_day_and_no_more_money_with_it(database):
    ended = a_workflow(
        kind=Kind.EXPERIMENT,
        status=Status.ENDED,
        ends_on=date(2026, 11, 20),
        caps=Caps(total=Decimal(300)),
    )
    desk = await settled(database, ended)

    with pytest.raises(NotThatWay, match="last day has passed"):
        await types(desk, OWEN, "activate search-ranking")
    with pytest.raises(Refusal, match="ended"):
        await edits(desk, OWEN, ends_on="2026-12-31", total_cap="900", reason="More.")
    await edits(desk, OWEN, ends_on="2026-12-31")
    await types(desk, OWEN, "activate search-ranking")

    assert (await stored(database)).status is Status.ACTIVE


async def test_everything_wrong_with_an_edit_is_said_in_one_round_and_nothing_is_saved(desk):
    wrong = {
        "thresholds": "often",
        "weekly_cap": "1000",
        "soft_limit": "120",
        "review_date": "2026-11-01",
        "monthly_cap": None,
        "daily_cap": "0",
    }

    answer = await edits(desk, OWEN, tool="Cursor", **wrong)

    assert set(answer.beside) == {*wrong, "reason"} - {"weekly_cap"}
    assert (await stored(desk.database)).tool == "Claude Code"
    assert await said(desk.database) == []


async def test_one_entry_that_cannot_be_read_keeps_the_rest_from_being_saved(desk):
    answer = await edits(desk, OWEN, tool="Cursor", thresholds="often")

    assert list(answer.beside) == ["thresholds"]
    assert (await stored(desk.database)).tool == "Claude Code"
    assert await trail(desk.database) == ()
