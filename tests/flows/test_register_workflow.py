from datetime import date
from decimal import Decimal

import pytest

from bot.edits import Wrong
from bot.people import Person
from bot.refusal import NotAllowed, Refusal
from bot.workflows import Caps, Kind, Status
from handlers.desk import Desk
from handlers.slack.calls import Errors, Opens, Submitted
from handlers.slack.registering import saves
from storage.workflows import TakenKey
from tests.builders import ANA, MIA, OWEN, SAM, a_team, a_workflow
from tests.outbox import said
from tests.registry import entered, presses, settled, stored, submits, trail, types

pytestmark = pytest.mark.usefixtures("clock")

TEAM_TOOL = {
    "key": "support-bot",
    "name": "Support bot",
    "weekly_cap": "$50",
    "monthly_cap": "180.50",
    "review_date": "2026-12-07",
}
EXPERIMENT = {
    "key": "try-agents",
    "name": "Try agents",
    "kind": "experiment",
    "total_cap": "300",
    "ends_on": "2026-12-31",
}


@pytest.fixture
async def desk(database):
    return await settled(database)


async def test_an_owner_registers_a_team_tool_and_starts_it(desk):
    form = await types(desk, OWEN, "register")
    preview = await submits(desk, OWEN, form, **TEAM_TOOL)
    done = await submits(desk, OWEN, preview, save_as="active")

    workflow = await stored(desk.database, "support-bot")
    assert (workflow.status, workflow.owner, workflow.agreed_by) == (Status.ACTIVE, OWEN, OWEN)
    assert workflow.caps == Caps(weekly=Decimal(50), monthly=Decimal("180.50"))
    assert "It is *active* with $50.00 a week, $180.50 a month" in done.card.text
    (told,) = await said(desk.database)
    assert told.text == (
        "*Support bot* (`support-bot`) was registered by <@U0OWEN>. It is *active* with "
        "$50.00 a week, $180.50 a month; <@U0OWEN> answers for it."
    )
    assert [change.what for change in await trail(desk.database, "support-bot")] == ["registered"]


async def test_anybody_may_propose_and_the_owner_is_asked_to_agree(desk):
    form = await types(desk, MIA, "register")
    preview = await submits(desk, MIA, form, **TEAM_TOOL, owner=OWEN)
    done = await submits(desk, MIA, preview)
    await presses(desk, OWEN, "workflow.activate", "support-bot")

    workflow = await stored(desk.database, "support-bot")
    asked = (await said(desk.database, to=OWEN))[0]
    assert "save_as" not in entered(preview.view)
    assert "It is *proposed*" in done.card.text
    assert "named you as its owner" in asked.text
    assert (workflow.status, workflow.agreed_by) == (Status.ACTIVE, OWEN)


async def test_a_forged_choice_does_not_activate(desk):
    form = await types(desk, MIA, "register")
    preview = await submits(desk, MIA, form, **TEAM_TOOL, owner=OWEN)

    with pytest.raises(NotAllowed, match=r"Only <@U0OWEN> or <@U0ANA> \(or an admin\)"):
        await submits(desk, MIA, preview, save_as="active")


async def test_what_its_class_misses_is_named_and_keeps_it_proposed(desk):
    form = await types(desk, OWEN, "register")
    form = await presses(desk, OWEN, "kind", "production", form.view, **TEAM_TOOL)
    preview = await submits(desk, OWEN, form)
    done = await submits(desk, OWEN, preview)

    misses = "misses: success metric, exception rule, enforcement"
    assert misses in preview.view["blocks"][0]["text"]["text"]
    assert misses in done.card.text
    assert (await stored(desk.database, "support-bot")).status is Status.PROPOSED


async def test_choosing_another_class_shows_its_fields_and_keeps_what_was_entered(desk):
    form = await types(desk, OWEN, "register")

    chosen = await presses(desk, OWEN, "kind", "experiment", form.view, **TEAM_TOOL)

    held = entered(chosen.view)
    assert held["kind"] == "experiment"
    assert held["name"] == "Support bot"
    assert held["weekly_cap"] == "$50"
    assert "ends_on" in held
    assert "review_date" not in held


async def test_an_experiment_with_all_it_may_say_is_kept_as_entered(desk):
    form = await types(desk, OWEN, "register")
    form = await presses(desk, OWEN, "kind", "experiment", form.view, **EXPERIMENT)
    rest = {
        "backup": MIA,
        "tool": " Claude  Code ",
        "purpose": "research",
        "tier": "cheap",
        "escalation_tier": "premium",
        "soft_limit": "80 %",
        "hard_limit": "110",
        "thresholds": "100, 50",
        "success_metric": "answers",
        "metric_target": "1,000",
        "metric_value": "2.50",
    }
    preview = await submits(desk, OWEN, form, **rest)
    await submits(desk, OWEN, preview)

    kept = await stored(desk.database, "try-agents")
    assert (kept.kind, kept.ends_on, kept.backup) == (Kind.EXPERIMENT, date(2026, 12, 31), MIA)
    assert (kept.tool, kept.soft_limit, kept.hard_limit) == ("Claude Code", 80, 110)
    assert kept.thresholds == (50, 100)
    assert kept.success_metric.target == Decimal(1000)
    assert kept.caps == Caps(total=Decimal(300))


@pytest.mark.parametrize(
    ("wrong", "beside", "words"),
    [
        pytest.param({"weekly_cap": "twelve"}, "weekly_cap", "no amount", id="no money"),
        pytest.param({"weekly_cap": "-5"}, "weekly_cap", "no amount", id="negative money"),
        pytest.param({"weekly_cap": "0"}, "weekly_cap", "more than zero", id="nothing"),
        pytest.param({"daily_cap": "0.0000000001"}, "daily_cap", "more than zero", id="a speck"),
        pytest.param({"weekly_cap": "200"}, "weekly_cap", "above the monthly", id="week above"),
        pytest.param({"daily_cap": "60"}, "daily_cap", "above the weekly", id="day above week"),
        pytest.param({"key": "Support Bot!"}, "key", "Try support-bot.", id="bad key"),
        pytest.param({"key": "検索"}, "key", "is no key", id="a key of no letter"),
        pytest.param({"key": "search-ranking"}, "key", "already", id="taken key"),
        pytest.param({"name": "\u200b"}, "name", "missing", id="an invisible name"),
        pytest.param({"review_date": "2026-11-22"}, "review_date", "has passed", id="past"),
        pytest.param({"review_date": "soon"}, "review_date", "offered", id="no date"),
        pytest.param({"soft_limit": "ninety"}, "soft_limit", "whole per cent", id="no per cent"),
        pytest.param({"soft_limit": "101"}, "soft_limit", "above", id="soft above hard"),
        pytest.param({"thresholds": "often"}, "thresholds", "like 75", id="no thresholds"),
        pytest.param({"backup": OWEN}, "backup", "somebody else", id="own backup"),
        pytest.param({"tier": "golden"}, "tier", "offered", id="a forged choice"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field(database, wrong, beside, words):
    desk = await settled(database, a_workflow())
    form = await types(desk, OWEN, "register")

    try:
        answer = await submits(desk, OWEN, form, **{**TEAM_TOOL, **wrong})
    except Refusal as refusal:
        answer = Errors({str(refusal.field): str(refusal)})

    assert isinstance(answer, Errors)
    assert words in answer.beside[beside]
    assert list(answer.beside) == [beside]


async def test_everything_wrong_is_said_at_once(desk):
    form = await types(desk, OWEN, "register")

    answer = await submits(desk, OWEN, form, **TEAM_TOOL | {"weekly_cap": "x", "key": "A b"})

    assert set(answer.beside) == {"weekly_cap", "key"}


async def test_an_experiment_needs_a_monthly_or_a_total_cap(desk):
    form = await types(desk, OWEN, "register")
    form = await presses(desk, OWEN, "kind", "experiment", form.view, **EXPERIMENT)

    answer = await submits(desk, OWEN, form, total_cap=None)

    assert "monthly cap or a total cap" in answer.beside["monthly_cap"]


async def test_today_is_no_past_day_where_the_team_counts_its_days(database):
    desk = await settled(database, teams=[a_team(timezone="Pacific/Kiritimati")])
    form = await types(desk, OWEN, "register")

    yesterday_there = await submits(desk, OWEN, form, **TEAM_TOOL | {"review_date": "2026-11-22"})
    today_there = await submits(desk, OWEN, form, **TEAM_TOOL | {"review_date": "2026-11-23"})

    assert "has passed" in yesterday_there.beside["review_date"]
    assert isinstance(today_there, Opens)


async def test_a_guest_answers_for_nothing(desk):
    await meet(desk, "U0GUEST", outsider=True)
    form = await types(desk, OWEN, "register")

    answer = await submits(desk, OWEN, form, **TEAM_TOOL, backup="U0GUEST")

    assert list(answer.beside) == ["backup"]
    assert "choose a full member" in answer.beside["backup"]


async def test_texts_too_long_for_a_form_are_said_before_they_are_lost(desk):
    form = await types(desk, OWEN, "register")
    form = await presses(desk, OWEN, "kind", "production", form.view, **TEAM_TOOL)

    answer = await submits(
        desk, OWEN, form, exception_rule='"' * 1_000, name='"' * 300, tool='"' * 200
    )

    assert "too long" in answer.beside["name"]


async def test_two_people_with_one_key_get_one_workflow(desk):
    first = await submits(desk, OWEN, await types(desk, OWEN, "register"), **TEAM_TOOL)
    second = await submits(desk, MIA, await types(desk, MIA, "register"), **TEAM_TOOL)
    await submits(desk, OWEN, first)

    with pytest.raises(TakenKey):
        await submits(desk, MIA, second)
    assert (await stored(desk.database, "support-bot")).owner == OWEN


async def test_a_forged_draft_is_checked_like_a_typed_one(desk):
    preview = await submits(desk, OWEN, await types(desk, OWEN, "register"), **TEAM_TOOL)
    forged = preview.view["private_metadata"].replace("180.50", "8")
    view = {**preview.view, "private_metadata": forged}

    with pytest.raises(Wrong, match="above the monthly"):
        await saves(Submitted(OWEN, "workflow.preview", view, {}), desk)


async def test_the_form_knows_the_key_the_name_and_the_team_of_the_channel(database):
    teams = [a_team(), a_team(key="support", name="Support", channel="C0SUPPORT")]
    desk = await settled(database, teams=teams)

    form = await types(desk, OWEN, "register Support Bot", channel="C0SUPPORT")

    held = entered(form.view)
    assert (held["key"], held["name"]) == ("support-bot", "Support Bot")
    assert (held["team"], held["owner"]) == ("support", OWEN)


async def test_a_taken_key_is_said_before_the_form_opens(database):
    desk = await settled(database, a_workflow())

    with pytest.raises(TakenKey, match="/budget edit search-ranking"):
        await types(desk, OWEN, "register search-ranking")


async def test_without_a_team_it_says_how_to_add_one(database):
    with pytest.raises(Refusal, match="contract apply"):
        await types(Desk(database), OWEN, "register")


async def test_more_teams_than_slack_can_offer_are_typed(database):
    teams = [a_team(key=f"team-{n}", channel=f"C0TEAM{n}") for n in range(101)]
    desk = await settled(database, teams=teams)
    form = await types(desk, ANA, "register", channel="C0TEAM100")

    assert entered(form.view)["team"] == "team-100"
    with pytest.raises(Refusal, match="no team “nowhere”") as refused:
        await submits(desk, SAM, form, **TEAM_TOOL, team="nowhere")
    assert refused.value.field == "team"


async def meet(desk, user, **named):
    known = {"name": "Gus", "timezone": None, "outsider": False, "deleted": False}
    person = Person(id=user, read_at=desk.now(), **{**known, **named})
    async with desk.database.ledger() as ledger:
        await ledger.people.save(person)


async def test_what_cannot_be_read_and_what_contradicts_is_said_in_one_round(database):
    desk = await settled(database, a_workflow())
    form = await types(desk, OWEN, "register")
    wrong = {
        "key": "search-ranking",
        "weekly_cap": "200",
        "total_cap": "0",
        "thresholds": "often",
        "soft_limit": "95",
        "hard_limit": "90",
        "review_date": "2026-11-01",
        "backup": OWEN,
    }

    answer = await submits(desk, OWEN, form, **TEAM_TOOL | wrong)

    assert set(answer.beside) == set(wrong) - {"hard_limit"}


async def test_what_cannot_be_read_contradicts_nothing(desk):
    form = await types(desk, OWEN, "register")
    wrong = {"hard_limit": "all", "soft_limit": "120", "monthly_cap": "lots", "weekly_cap": "9999"}

    answer = await submits(desk, OWEN, form, **TEAM_TOOL | wrong)

    assert set(answer.beside) == {"hard_limit", "monthly_cap"}


async def test_a_production_form_says_what_may_wait_and_what_a_key_is(desk):
    form = await types(desk, OWEN, "register")
    form = await presses(desk, OWEN, "kind", "production", form.view, **TEAM_TOOL)

    hints = {b["block_id"]: b.get("hint", {}).get("text", "") for b in form.view["blocks"]}
    for name in ("success_metric", "exception_rule", "enforcement"):
        assert "May be empty while it is proposed" in hints[name]
    assert "a–z, 0–9, dot, dash and underscore, at most 63" in hints["key"]


async def test_started_at_once_it_says_that_the_hard_limit_only_alerts(desk):
    form = await types(desk, OWEN, "register")
    preview = await submits(desk, OWEN, form, **TEAM_TOOL, enforcement="block")
    done = await submits(desk, OWEN, preview, save_as="active")

    assert "in this release it only alerts" in done.card.text
