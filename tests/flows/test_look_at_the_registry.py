from decimal import Decimal

import pytest

from bot.cards.help import elsewhere
from bot.periods import CapKind
from bot.refusal import Refusal, Unknown
from bot.requests import RequestDraft, Until
from bot.workflows import Caps, Enforcement, Status
from handlers.desk import Desk
from handlers.slack.router import COMMANDS
from handlers.steps.open_request import open_request
from tests.builders import (
    ANA,
    FIN,
    MIA,
    MONDAY,
    OWEN,
    SAM,
    a_team,
    a_workflow,
    an_organisation,
    an_override,
)
from tests.registry import holds, presses, settled, submits, types
from tests.spending import spend

pytestmark = pytest.mark.usefixtures("clock")
WORKFLOW = a_workflow()


@pytest.fixture
async def desk(database):
    return await settled(database, WORKFLOW)


def buttons(card):
    rows = [block["elements"] for block in card.blocks if block["type"] == "actions"]
    return {button["action_id"]: button["value"] for row in rows for button in row}


async def test_anybody_sees_the_whole_contract_and_the_owner_what_they_may_do(desk):
    for_fin = await types(desk, FIN, "show search-ranking")
    for_owen = await types(desk, OWEN, "show search-ranking")

    whole = str(for_fin.blocks)
    for part in ("<@U0OWEN>", "<@U0MIA>", "<@U0ANA>", "Claude Code", "$250.00 a week", "premium"):
        assert part in whole
    assert "Owner <@U0OWEN>. Caps: $250.00 a week, $900.00 a month." in for_fin.text
    assert set(buttons(for_fin)) == {"workflow.why", "workflow.history"}
    assert {"workflow.edit", "workflow.pause", "workflow.retire"} < set(buttons(for_owen))


@pytest.mark.parametrize("words", ["Search ranking", "`search-ranking`", "SEARCH-RANKING"])
async def test_a_workflow_is_found_by_what_people_call_it(desk, words):
    assert "`search-ranking`" in (await types(desk, FIN, f"show {words}")).text


async def test_what_somebody_without_a_workflow_means_is_asked(desk):
    with pytest.raises(Refusal, match=r"/budget show search-ranking.*/budget list"):
        await types(desk, FIN, "show")


async def test_the_registry_is_listed_by_team(database):
    teams = [a_team(), a_team(key="support", name="Support & care", channel="C0SUPPORT")]
    other = a_workflow(key="answers", name="Answers", team="support", owner=FIN, backup=None)
    desk = await settled(database, WORKFLOW, other, teams=teams)

    everything = await types(desk, FIN, "list")
    mine = await types(desk, OWEN, "list mine")
    support = await types(desk, OWEN, "list Support & care")

    assert "*2 workflows*" in everything.text
    assert [b["text"]["text"].split("\n")[0] for b in everything.blocks[1:]] == [
        "*Search*",
        "*Support &amp; care*",
    ]
    assert "`answers`" not in mine.text
    assert "`search-ranking`" not in support.text


async def test_a_list_longer_than_a_message_goes_on_at_a_press(database):
    many = [a_workflow(key=f"flow-{n:03}", name="N" * 300) for n in range(90)]
    desk = await settled(database, *many)

    page, seen = await types(desk, FIN, "list"), set()
    for _ in range(20):
        seen |= {key for key in (one.key for one in many) if f"`{key}`" in str(page.blocks)}
        if "workflow.list" not in buttons(page):
            break
        page = await presses(desk, FIN, "workflow.list", buttons(page)["workflow.list"])

    assert len(seen) == 90


@pytest.mark.parametrize("forged", ["", "x", "-1 search", "99999", "²"])
async def test_a_forged_page_shows_what_there_is(desk, forged):
    assert "1 workflow" in (await presses(desk, FIN, "workflow.list", forged)).text


async def test_an_empty_registry_says_what_to_do(database):
    desk = await settled(database)

    for words in ("list", "list mine", "list search", "status"):
        assert "/budget register" in (await types(desk, FIN, words)).text


async def test_an_unknown_team_is_answered_with_the_nearest(desk):
    with pytest.raises(Unknown, match="/budget list search"):
        await types(desk, FIN, "list serch")


async def test_status_shows_each_cap_as_a_bar_with_its_figures(desk):
    await spend(desk.database, WORKFLOW, 155, MONDAY)

    card = await types(desk, OWEN, "status")

    assert "Weekly ▓▓▓▓▓▓░░░░ 62 % · $155.00 of $250.00 · $95.00 left" in card.text
    assert "you own it" in card.text
    assert "you are its backup" in (await types(desk, MIA, "status")).text


async def test_status_says_what_waits_for_whom(desk):
    draft = RequestDraft(
        workflow="search-ranking",
        cap=CapKind.WEEKLY,
        amount=Decimal(50),
        until=Until.PERIOD,
        asked_by=OWEN,
        reason="Launch week.",
        outcome="Accepted pull requests",
    )
    async with desk.database.ledger() as ledger:
        await open_request(ledger, an_organisation(), draft, MONDAY)

    assert "*Waiting for your answer*" in (await types(desk, ANA, "status")).text
    assert "nobody has answered yet" in (await types(desk, OWEN, "status")).text
    assert "$50.00" not in (await types(desk, FIN, "status")).text


async def test_spend_without_a_workflow_is_shown_to_admins_only(desk):
    nobody = a_workflow(key="")
    await spend(desk.database, nobody, 12, MONDAY)

    mine = (await types(desk, SAM, "status")).text
    _, said, unattributed = mine.partition("*Unattributed this month:* $12.00 without a workflow")
    assert said
    assert "Data through <!date^" in unattributed
    assert "Unattributed" not in (await types(desk, OWEN, "status")).text


async def test_why_derives_the_cap_term_by_term(desk):
    await spend(desk.database, WORKFLOW, 155, MONDAY)
    async with desk.database.ledger() as ledger:
        await ledger.overrides.add(an_override())

    text = (await types(desk, FIN, "why search-ranking")).text

    for part in (
        "*Weekly cap: $350.00*",
        "$250.00 in the contract",
        "+ $100.00 until <!date^",
        "granted by <@U0ANA>",
        "= $350.00 now; soft limit 90 % = $315.00, hard limit 100 % = $350.00",
        "44 % · $155.00 of $350.00 · $195.00 left",
        "Mon 30 Nov 00:00 CET",
        "(Europe/Berlin)",
        "The weekly cap has the least money left, $195.00",
        "Data through <!date^",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("status", "way"),
    [
        (Status.PAUSED, "/budget resume search-ranking"),
        (Status.PROPOSED, "/budget activate search-ranking"),
    ],
)
async def test_why_is_nothing_while_it_is_not_active(database, status, way):
    desk = await settled(database, a_workflow(status=status))

    text = (await types(desk, FIN, "why search-ranking")).text

    assert f"It is *{status}*" in text
    assert way in text
    assert f"× 0 while {status} = $0.00" in text


async def test_why_without_caps_says_so(database):
    desk = await settled(database, a_workflow(caps=Caps(), status=Status.PROPOSED))

    assert "It has no caps yet" in (await types(desk, FIN, "why search-ranking")).text


async def test_history_tells_who_changed_what_the_newest_first(desk):
    form = await types(desk, OWEN, "edit search-ranking")
    await submits(desk, OWEN, form, weekly_cap="200", backup=None, reason="Smaller index.")
    await types(desk, ANA, "pause search-ranking loops")

    text = (await types(desk, FIN, "history search-ranking")).text

    _, paused, edited = text.split("\n")
    assert "<@U0ANA> paused: status active → paused “loops”" in paused
    assert "<@U0OWEN> edited: backup <@U0MIA> → none; weekly cap $250.00 → $200.00" in edited
    assert "“Smaller index.”" in edited


async def test_a_long_history_goes_on_at_a_press(desk):
    for turn in range(60):
        await types(desk, OWEN, f"{('pause', 'resume')[turn % 2]} search-ranking {turn:04}x")

    page, seen = await types(desk, FIN, "history search-ranking"), ""
    for _ in range(10):
        seen += str(page.blocks)
        if "workflow.history" not in buttons(page):
            break
        page = await presses(desk, FIN, "workflow.history", buttons(page)["workflow.history"])

    assert all(f"{turn:04}x" in seen for turn in range(60))


async def test_nothing_recorded_is_said(desk):
    assert "Nothing is recorded" in (await types(desk, FIN, "history search-ranking")).text


async def test_help_names_every_verb_of_the_registry(database):
    text = (await types(Desk(database), FIN, "help")).text

    for verb in ("status", "list", "show", "why", "history", "register", "edit", "pause", "retire"):
        assert f"/budget {verb}" in text


async def test_help_gives_an_example_to_copy_for_each_command_in_groups(database):
    lines = (await types(Desk(database), FIN, "help")).text.splitlines()

    groups = [line.strip("*") for line in lines[1:] if line.startswith("*")]
    assert groups == [
        "See budgets", "Ask for money", "Decide", "Registry", "Messages", "Attribution",
        "Finance and admins", "Admins",
    ]  # fmt: skip
    examples = [line for line in lines[1:] if not line.startswith("*")]
    assert len(examples) <= 26
    assert all(" – " in line and line.startswith("`/budget ") for line in examples)
    assert not any(word in "".join(lines) for word in ("KEY", "TEAM", "|", "["))


@pytest.mark.parametrize("verb", sorted(COMMANDS))
async def test_each_command_is_explained_with_an_example(verb, database):
    card = await types(Desk(database), FIN, f"help {verb}")

    if verb != "help":
        assert f"`/budget {verb}" in card.text.splitlines()[1]
    assert len(card.text.splitlines()) <= 4


async def test_what_only_admins_may_says_so(database):
    assert "(admins only)" in (await types(Desk(database), FIN, "help expedite")).text


@pytest.mark.parametrize(
    ("verb", "says"),
    [
        ("whose", ("/budget whose last month", "/budget whose key oct")),
        ("reconcile", ("openai last month", "openai oct", "openai 14 nov")),
        ("rules", ("whose spend is whose",)),
    ],
)
async def test_help_of_one_command_names_what_it_takes(database, verb, says):
    text = (await types(Desk(database), FIN, f"help {verb}")).text

    assert [one for one in says if one not in text] == []


async def test_help_with_what_is_none_says_so(database):
    assert "“foo” is nothing" in (await types(Desk(database), FIN, "help foo")).text
    assert "button on the alert" in (await types(Desk(database), FIN, "help snooze")).text


@pytest.mark.parametrize(
    ("verb", "words", "says"),
    [
        (
            "explain",
            "search-docs",
            "*Explain…* is a button on the alert. `/budget why search-docs`",
        ),
        ("snooze", "search-docs", "*Snooze…* is a button on the alert."),
        ("who", "", "`/budget show search-ranking` says who owns"),
        ("undo", "", "*Undo* button"),
        ("cap", "search-docs 100", "`/budget edit search-docs` lowers a cap"),
        ("cap", "<!channel>", "`/budget edit channel`"),
    ],
)
def test_what_is_no_command_says_where_it_is_done(verb, words, says):
    card = holds(elsewhere(verb, words))

    assert card.text.startswith(f"“{verb}” is no command.")
    assert says in card.text


async def test_a_list_of_a_team_that_is_not_there_names_those_that_are(desk):
    with pytest.raises(Unknown, match="Teams: `search`"):
        await types(desk, FIN, "list team")

    assert "1 workflow of Search" in (await types(desk, FIN, "list team search")).text


async def test_a_review_of_a_mistyped_team_is_answered_with_the_nearest(desk):
    with pytest.raises(Unknown, match="Did you mean `/budget review now search`"):
        await types(desk, SAM, "review now serach")


async def test_status_of_one_workflow_is_found_elsewhere(desk):
    with pytest.raises(Refusal, match="/budget why search-ranking"):
        await types(desk, FIN, "status search-ranking")


async def test_why_tells_the_month_by_model_tier(database, desk):
    workflow = a_workflow()
    assert "tier" not in (await types(desk, OWEN, "why search-ranking")).text
    await spend(database, workflow, "75", MONDAY, model="claude-opus-4-1")
    await spend(database, workflow, "25", MONDAY, model="nobody-knows")

    text = (await types(desk, OWEN, "why search-ranking")).text

    assert "*This month by model tier:* premium $75.00 (75 %), no known tier $25.00 (25 %)" in text


async def test_why_tells_of_no_tier_of_nothing(database, desk):
    for cost in ("20", "0"):
        await spend(database, a_workflow(), cost, MONDAY, model="nobody-knows", id="corrected")
    assert "tier" not in (await types(desk, OWEN, "why search-ranking")).text

    await spend(database, a_workflow(), "75", MONDAY, model="claude-opus-4-1")
    text = (await types(desk, OWEN, "why search-ranking")).text

    assert "*This month by model tier:* premium $75.00 (100 %)\n" in text


async def test_a_total_says_since_when_it_counts(database):
    desk = await settled(database, a_workflow(caps=Caps(total=Decimal(300))))

    assert "since activation" in (await types(desk, OWEN, "status")).text
    assert "since activation" in (await types(desk, OWEN, "why search-ranking")).text


@pytest.mark.parametrize("mode", [Enforcement.BLOCK, Enforcement.DOWNGRADE])
async def test_what_is_not_enforced_yet_is_never_promised(database, mode):
    desk = await settled(database, a_workflow(enforcement=mode))

    card = await types(desk, OWEN, "show search-ranking")
    form = await types(desk, OWEN, "edit search-ranking")

    assert f"{mode} – not in this release: it only alerts" in card.text
    assert str(form.view).count("not in this release") == 3
    assert "In this release every choice only alerts" in str(form.view)
    assert "told to stop" not in f"{card}{form}"
