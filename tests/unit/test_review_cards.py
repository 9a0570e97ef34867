from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from bot.cards import review_months as months
from bot.cards import review_questions as questions
from bot.cards import review_reminders as reminders
from bot.cards import reviews as cards
from bot.cards.review_rules import rules
from bot.changes import BOT
from bot.forecast import Forecast, Sureness
from bot.freshness import Feed
from bot.money import LARGEST, say
from bot.outcomes import Happened
from bot.periods import CapKind
from bot.policy import Policy
from bot.requests import State
from bot.review_decisions import (
    Cap,
    Choice,
    Decided,
    Decision,
    Keep,
    Recommendation,
    Reroute,
    Retire,
    Unreviewed,
)
from bot.review_figures import Came, Counted, Extra, Open, Running
from bot.review_months import RollUp
from bot.sources import Lane
from bot.workflows import Caps, Status, Tier
from handlers.slack.review_forms import cap_form, reroute_form, retire_form, sure_form
from playground.blockkit import problems
from tests.builders import (
    ANA,
    MONDAY,
    OWEN,
    a_review,
    a_review_item,
    a_team,
    a_watch,
    a_workflow,
    some_figures,
)

BERLIN = "Europe/Berlin"
TEAM = a_team()
RETIRED = Retire(date(2026, 11, 30))
DECISIONS: dict[str, Decision] = {
    "keep": Keep(),
    "keep after all": Keep(Choice.RETIRE),
    "lower": Cap(CapKind.WEEKLY, Decimal(80), Decimal(250)),
    "first": Cap(CapKind.DAILY, Decimal(40)),
    "raise": Cap(CapKind.MONTHLY, LARGEST, Decimal(900), "r-1", ("U0ANA", "U0FIN") * 20),
    "denied": Cap(
        CapKind.MONTHLY, LARGEST, Decimal(900), "r-1", ("U0ANA",), State.DENIED, "<!channel>" * 200
    ),
    "reroute": Reroute(Tier.CHEAP, Tier.STANDARD),
    "retire": RETIRED,
}
HOSTILE = [
    pytest.param("x" * 300, id="300 characters"),
    pytest.param("<!channel> <@U0EVE> <https://e.vil|click> & *b* `c` :boom:", id="marks"),
    pytest.param("&" * 300, id="each written as five"),
    pytest.param("😀🏳️‍🌈" * 60, id="emoji"),
    pytest.param("\u202e\u05d4\u05e6\u05e2\u05d4 \u200f", id="right to left"),
    pytest.param("", id="empty"),
    pytest.param("a\x00b\r\n> quote\n• list", id="NUL and lines"),
    pytest.param("\u200b", id="invisible"),
]


def decided(decision, by=OWEN):
    caps = some_figures().caps
    if isinstance(decision, Cap) and decision.request is None:
        caps = caps.having(decision.kind, decision.amount)
    return a_review_item(decided=Decided(decision, by, MONDAY, caps, Tier.STANDARD))


def much(text):
    """Everything that a reply may show, in these words."""
    ahead = Forecast(LARGEST, Decimal(0), LARGEST, MONDAY, MONDAY, Sureness.LOW)
    return {
        "month": Counted(CapKind.MONTHLY, MONDAY - timedelta(days=30), LARGEST, LARGEST),
        "forecast": ahead,
        "explanations": (text * 9,) * 3,
        "came": (Came(text * 9, Happened.PARTLY, text * 9, MONDAY),) * 3,
        "requests": (Open(CapKind.WEEKLY, LARGEST),) * 20,
        "running": Running(kept=60, unreviewed=60),
        "recommendation": Recommendation(Choice.CAP, f"weekly {say(LARGEST)} would fit."),
    }


def every_card(name, items):
    team = replace(TEAM, name=name)
    overrides = (Extra(CapKind.WEEKLY, LARGEST, MONDAY),) * 200
    figures = some_figures(name=name, top_model=name, overrides=overrides, **much(name))
    hostile = [replace(item, figures=figures) for item in items]
    review = a_review(items=tuple(hostile))
    closed = replace(review, closed_at=MONDAY)
    for one in (review, closed, replace(closed, items=())):
        yield cards.parent(one, team, BERLIN, Policy())
        yield cards.closing(one, team, BERLIN)
        yield cards.opened(one, team, BERLIN, new=True)
    for item in hostile:
        yield cards.reply(review, item, BERLIN)
        yield cards.reply(closed, item, BERLIN)
    yield rules()
    waiting = [a_workflow(key=item.workflow, name=name) for item in hostile]
    yield reminders.reminder(review, team, BERLIN, waiting)
    yield reminders.asked(review, team, BERLIN, waiting)
    yield reminders.still_undecided(waiting, (OWEN, ANA))
    rolled = RollUp("search", Counter(Choice), 3, 2, LARGEST, -LARGEST, 2, 1)
    yield months.of_team(rolled, "November 2026")
    yield months.of_all((rolled,) * 200, rolled, {"search": name}, "November 2026")
    yield questions.which_period(hostile[0], LARGEST, OWEN)
    yield questions.sure_to_retire(hostile[0], RETIRED, OWEN)
    yield questions.examples(OWEN, name, [item.workflow for item in hostile])
    yield questions.which_workflow(OWEN, [item.workflow for item in hostile])
    yield questions.lowered_cap(
        a_workflow(name=name), ["The weekly cap is now $80.00."], (a_watch(),)
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_every_message_is_inside_slacks_limits(name):
    answered = [
        replace(decided(decision), workflow="k" * 63, notice=f"review:{'t' * 63}:1:{'k' * 63}")
        for decision in DECISIONS.values()
    ]
    waiting = Cap(CapKind.MONTHLY, LARGEST, LARGEST, "r-1", ("U0ANA", "U0FIN") * 20)
    much = Decided(DECISIONS["denied"], OWEN, MONDAY, Caps(LARGEST), Tier.CHEAP, (waiting,) * 3)
    answered.append(a_review_item(workflow="much", decided=much))
    undecided = [a_review_item(workflow=f"{'w' * 55}-{number}") for number in range(200)]

    for card in every_card(name, [*answered, *undecided]):
        assert problems({"text": card.text, "blocks": list(card.blocks)}, "message") == []
        assert len(card.text) <= 4_000
        assert "<!channel>" not in card.text
        assert "U0EVE" not in card.text.replace("&lt;@U0EVE", "")


@pytest.mark.parametrize("name", HOSTILE)
def test_every_form_is_inside_slacks_limits(name):
    caps = Caps(LARGEST, LARGEST, LARGEST, LARGEST)
    workflow = a_workflow(name=name, caps=caps)
    private = {"item": f"review:{'t' * 63}:1:{'k' * 63}", "channel": "C0SEARCH"}

    for view in (
        cap_form(workflow, private),
        cap_form(replace(workflow, caps=Caps()), private),
        reroute_form(workflow, private),
        retire_form(workflow, MONDAY.date(), private),
        sure_form(workflow, RETIRED, private),
    ):
        assert problems(view, "modal") == []


def test_a_reply_says_what_came_of_what_was_promised_what_was_explained_and_what_is_suggested():
    figures = some_figures(
        forecast=Forecast(
            Decimal(1200), Decimal(1100), Decimal(1300), MONDAY, MONDAY, Sureness.FAIR
        ),
        came=(Came("p95 latency", Happened.YES, "1.8 s", MONDAY),),
        explanations=("The load test ran twice.",),
        requests=(Open(CapKind.WEEKLY, Decimal(50)),),
        running=Running(kept=5, unreviewed=3),
        recommendation=Recommendation(Choice.REROUTE, "92 % went to one model."),
    )

    text = cards.reply(a_review(), a_review_item(figures=figures), BERLIN).text

    assert "(23 %); forecast $1,200 ($1,100 to $1,300), hits the cap Mon 23 Nov" in text
    assert "Outcome “p95 latency”: it happened – 1.8 s" in text
    assert "Explained: “The load test ran twice.”" in text
    assert "asked for +$50.00 weekly, unanswered" in text
    assert "Kept five weeks without an outcome, unreviewed three weeks running" in text
    assert "💡 *Reroute*: 92 % went to one model." in text


@pytest.mark.parametrize(
    ("choice", "label"),
    [
        (Choice.KEEP, "Keep"),
        (Choice.CAP, "Cap…"),
        (Choice.REROUTE, "Reroute…"),
        (Choice.RETIRE, "Retire…"),
    ],
)
def test_the_button_of_what_is_recommended_stands_out(choice, label):
    figures = some_figures(recommendation=Recommendation(choice, "so."))
    item = a_review_item(figures=figures)

    card = cards.reply(a_review(), item, BERLIN)

    [primary] = [one for one in card.blocks[-1]["elements"] if one.get("style") == "primary"]
    assert primary["text"]["text"] == label


def test_what_nobody_decided_says_so():
    item = decided(Unreviewed(), BOT)

    text = cards.reply(a_review(closed_at=MONDAY, items=(item,)), item, BERLIN).text

    assert "Kept, unreviewed: nobody decided before the next review" in text


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (RollUp(), "nothing was asked · Saved: nothing was lowered"),
        (RollUp(unknown=2), "Saved: not known"),
        (RollUp(saved=Decimal(40), known=2), "Saved: $40.00 against the forecast (2 answers)"),
        (
            RollUp(saved=Decimal(-40), known=1, unknown=1),
            "Saved: nothing; $40.00 more than was forecast (1 answer, 1 not known)",
        ),
    ],
)
def test_a_loss_is_said_and_what_nobody_knows_is_no_saving(found, said):
    assert said in months.of_team(found, "November 2026").text


def test_the_form_is_filled_in_with_the_cap_that_is_recommended():
    meant = Recommendation(Choice.CAP, "so.", CapKind.MONTHLY, Decimal("640.00"))

    view = cap_form(a_workflow(), {}, meant)

    kind, amount = view["blocks"][1]["element"], view["blocks"][2]["element"]
    assert kind["initial_option"]["value"] == "monthly"
    assert amount["initial_value"] == "640"


def test_the_text_carries_all_that_the_blocks_show():
    card = cards.reply(a_review(), a_review_item(), BERLIN)

    for line in card.blocks[0]["text"]["text"].splitlines():
        assert line in card.text


def test_the_owner_is_mentioned_once():
    assert cards.reply(a_review(), a_review_item(), BERLIN).text.count(f"<@{OWEN}>") == 1


def test_without_an_owner_nobody_is_mentioned():
    text = cards.reply(a_review(), a_review_item(owner=None), BERLIN).text

    assert "nobody owns it" in text
    assert "<@" not in text


def test_figures_are_said_with_what_is_uncertain_about_them():
    figures = some_figures(
        assumed=Decimal(12),
        unmetered=3,
        late=Decimal(12),
        overrides=(Extra(CapKind.WEEKLY, Decimal(100), MONDAY),),
    )

    text = cards.reply(a_review(), a_review_item(figures=figures), BERLIN).text

    assert "Week: $112.40 of $250.00 (44 %), +12 % on the week before" in text
    assert "November so far: $212.40 of $900.00 (23 %)" in text
    assert "late +$12.00 for earlier weeks" in text
    assert "$12.00 of the week assumed" in text
    assert "3 records without a cost" in text
    assert "override +$100.00 weekly until Mon 23 Nov 10:00 CET" in text


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (None, "first week"),
        ("0", "nothing the week before"),
        ("112.40", "as in the week before"),
        ("100", "+12 % on the week before"),
        ("160", "−30 % on the week before"),
        ("0.01", "+1,123,900 % on the week before"),
    ],
)
def test_the_change_is_said_in_words(before, said):
    figures = some_figures(before=None if before is None else Decimal(before))

    assert said in cards.reply(a_review(), a_review_item(figures=figures), BERLIN).text


def test_a_correction_downward_is_said_as_such():
    figures = some_figures(late=Decimal(-5))

    assert "late −$5.00" in cards.reply(a_review(), a_review_item(figures=figures), BERLIN).text


def test_a_paused_workflow_has_no_cap_in_force():
    figures = some_figures(status=Status.PAUSED)

    text = cards.reply(a_review(), a_review_item(figures=figures), BERLIN).text
    assert "Week: $112.40 (paused: no cap in force)" in text


def test_a_cap_nobody_set_is_not_shown():
    week = Counted(CapKind.WEEKLY, MONDAY, Decimal(5), None)
    figures = some_figures(counted=(week,), before=None)

    assert (
        "Week: $5.00, first week"
        in cards.reply(a_review(), a_review_item(figures=figures), BERLIN).text
    )


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        ("keep", f"Kept by <@{ANA}> for <@{OWEN}>"),
        ("keep after all", f"Kept after all by <@{ANA}>"),
        ("lower", "Weekly cap lowered from $250.00 to $80.00"),
        ("first", "Daily cap set to $40.00"),
        ("raise", "Asked for $1,000,000,000.00 monthly (now $900.00)"),
        ("denied", f"Asked for $1,000,000,000.00 monthly by <@{ANA}> for <@{OWEN}>; denied: &lt;"),
        ("reroute", "Rerouted to the cheap tier (was standard)"),
        ("retire", "active through Mon 30 Nov 2026"),
    ],
)
def test_a_reply_says_what_was_decided_and_who_for_whom(decision, said):
    item = decided(DECISIONS[decision], ANA)

    assert said in cards.reply(a_review(items=(item,)), item, BERLIN).text


def buttons(card):
    return [one["text"]["text"] for one in card.blocks[-1].get("elements", [])]


def test_a_reply_has_four_buttons_and_a_way_back():
    closed = a_review(closed_at=MONDAY)

    assert buttons(cards.reply(a_review(), a_review_item(), BERLIN)) == [
        "Keep", "Cap…", "Reroute…", "Retire…", "Reassign…"
    ]  # fmt: skip
    assert "Undo (for a day)" in buttons(
        cards.reply(a_review(), decided(DECISIONS["reroute"]), BERLIN)
    )
    assert buttons(cards.reply(closed, decided(RETIRED), BERLIN)) == ["Keep after all"]
    assert buttons(cards.reply(closed, decided(Keep()), BERLIN)) == []
    assert buttons(cards.reply(closed, a_review_item(), BERLIN)) == []


def test_the_parent_counts():
    review = a_review(items=(decided(Keep()), a_review_item(workflow="search-docs")))

    text = cards.parent(review, TEAM, BERLIN, Policy()).text
    assert text.startswith("*Weekly review of Search* · week 16–22 Nov 2026 · 1 of 2 decided")
    assert "Spent in the week: $224.80" in text


def test_the_parent_says_once_how_far_the_sources_of_all_have_told():
    bill = Feed("bill/openai", Lane.BILLED, MONDAY - timedelta(days=2, hours=9), account="openai")
    gateway = Feed("gateway", Lane.REALTIME, MONDAY)
    agents = Feed("agents", Lane.REALTIME, MONDAY - timedelta(hours=1))
    month = Counted(CapKind.MONTHLY, MONDAY, Decimal(300), None)
    items = (
        a_review_item(figures=some_figures(feeds=(gateway, bill), month=month)),
        a_review_item(workflow="search-docs", figures=some_figures(feeds=(agents, gateway))),
    )

    card = cards.parent(a_review(items=items), TEAM, BERLIN, Policy())

    assert (
        card.text.count(
            "Data through Mon 23 Nov 10:00 CET (gateway), Mon 23 Nov 09:00 CET (agents). "
            "OpenAI billed through 20 Nov."
        )
        == 1
    )
    assert card.text.count("Data through") == 1


def test_a_closed_review_shows_no_sums_and_says_nothing_of_their_data():
    fed = some_figures(feeds=(Feed("gateway", Lane.REALTIME, MONDAY),))
    review = a_review(items=(a_review_item(figures=fed),), closed_at=MONDAY)

    for card in (cards.parent(review, TEAM, BERLIN, Policy()), cards.closing(review, TEAM, BERLIN)):
        assert "Data through" not in card.text


def test_a_week_without_spend_and_a_team_without_workflows_say_so_in_one_line():
    nothing = Counted(CapKind.WEEKLY, MONDAY, Decimal(0), Decimal(250))
    idle = a_review_item(figures=some_figures(counted=(nothing,)))

    assert (
        "Nothing was spent in the week."
        in cards.parent(a_review(items=(idle,)), TEAM, BERLIN, Policy()).text
    )
    assert (
        "Search has nothing to review: no active or paused workflow waits for a decision."
        in cards.parent(a_review(items=(), closed_at=MONDAY), TEAM, BERLIN, Policy()).text
    )


def test_the_summary_counts_saves_and_names_what_is_undecided():
    items = (
        decided(Keep()),
        decided(DECISIONS["lower"]),
        decided(Cap(CapKind.WEEKLY, Decimal(230), Decimal(250))),
        decided(DECISIONS["raise"]),
        a_review_item(workflow="search-docs"),
    )

    text = cards.closing(a_review(items=items, closed_at=MONDAY), TEAM, BERLIN).text
    assert "4 of 5 decided" in text
    assert "1 kept, 3 capped" in text
    assert "Caps went down by $190.00 a week" in text
    assert "1 of the caps is a raise that an approver decides" in text
    assert "Undecided, and left as they are: `search-docs`" in text
    assert "<@" not in text
