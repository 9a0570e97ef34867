"""However much there is to say, Slack takes it, and nobody's text formats or mentions."""

from decimal import Decimal
from typing import Any

import pytest

from bot.attribution import Clue, Clues, Rule, Trace
from bot.cards import gaps as gap_cards
from bot.cards import plan_moves, rule_changes, rules, whose
from bot.gaps import Gaps, Unused, incomplete
from bot.namesakes import EVERYTHING, Sight
from bot.rule_changes import MadeChange, Reach
from bot.rule_trials import Move, Sum, Trial
from bot.unclaimed import Contradiction, Nobodys, Registered, findings
from bot.workflows import Status
from playground.blockkit import problems
from tests.builders import MONDAY, a_workflow

HOSTILE = [
    "<!channel>",
    "*bold* `code`",
    "\u202eright to left",
    "x" * 200,
    '"quoted" \\',
    "[a-z]*?",
]
WIDE = tuple(f"<!channel>-{'x' * 180}-{n}" for n in range(300))


def holds(card):
    assert problems({"text": card.text, "blocks": list(card.blocks)}, "message") == []
    assert "<!channel>" not in str(card.text)
    assert all("<!channel>" not in str(block.get("text")) for block in card.blocks)


def a_seen(values, **named):
    traces = [Trace(Clues(*[value] * 7), value, (), value, value) for value in values]
    found = findings([Nobodys(one, 10**9, 1) for one in traces], Registered((a_workflow(),), ()))
    conflict = Contradiction("other", "search-ranking", "key:*", Sum(Decimal(1), 1), MONDAY)
    plain: dict[str, Any] = {"sight": EVERYTHING, "keeper": True} | named
    return whose.Seen(Sum(Decimal(9), 9), found, [conflict] * 20, MONDAY, "UTC", **plain)


@pytest.mark.parametrize("values", [HOSTILE, WIDE], ids=["hostile", "wide"])
@pytest.mark.parametrize("sees", [True, False])
def test_slack_takes_every_page_of_whose(values, sees):
    seen = a_seen(values, sight=Sight(names=sees), keeper=sees)

    holds(whose.overview(seen))
    for clue in Clue:
        for start in (0, 20, 10_000):
            holds(whose.of_clue(seen, clue, start))


def test_who_spent_is_not_named_to_everybody():
    seen = a_seen(["kim"], sight=Sight(names=False))

    assert "one person: $1.00" in whose.of_clue(seen, Clue.PERSON, 0).text


@pytest.mark.parametrize("start", [0, 30, 10_000])
def test_slack_takes_every_page_of_rules(start):
    made = [Rule(clue, f"{name}*", "search-ranking") for clue in Clue for name in WIDE[:40]]
    statuses = {"search-ranking": Status.RETIRED}

    card = rules.listed(rules.Seen(made, statuses, EVERYTHING, keeper=True), start)

    holds(card)
    assert "(retired)" in card.text


def test_slack_takes_gaps_of_any_number_on_one_page():
    many = [a_workflow(key=f"w-{n}", name=WIDE[n], owner=None) for n in range(300)]
    gaps = Gaps(
        Sum(Decimal(1), 1),
        incomplete(many, {}, "UTC", MONDAY),
        [Unused(name, Sum(Decimal(1), 1), by_key=True) for name in WIDE],
        MONDAY,
        "UTC",
    )

    card = gap_cards.shown(gaps)

    holds(card)
    assert "*Workflows that lack something* (300)" in card.text


def test_a_key_is_spoken_of_only_where_one_sends():
    def said(by_key):
        one = Unused("a source", Sum(Decimal(1), 1), by_key)
        return gap_cards.shown(Gaps(Sum(), (), [one], MONDAY, "UTC")).text

    assert "revoke its key" in said(by_key=True)
    assert "key" not in said(by_key=False)


def test_what_the_bot_books_itself_is_named_as_people_know_it_and_makes_no_rule():
    sources = ["reconciled/aws.bedrock", "adjustments", "gateway"]
    traces = [Trace(source=one) for one in sources]
    found = findings([Nobodys(one, 10**9, 2) for one in traces], Registered((a_workflow(),), ()))
    seen = whose.Seen(Sum(Decimal(3), 4, 2), found, (), MONDAY, "UTC", EVERYTHING, keeper=True)

    card = whose.of_clue(seen, Clue.SOURCE, 0)

    assert "aws.bedrock’s bill: $1.00 of bills" in card.text
    assert "booked by hand: $1.00, 2 records" in card.text
    assert "reconciled/" not in str(card)
    assert "adjustments" not in str(card)
    assert str(card.blocks).count("Make a rule") == 1
    assert "$3.00, 4 records and lines of bills since" in whose.overview(seen).text


def test_a_change_says_what_of_it_was_lines_of_bills():
    rule = Rule(Clue.KEY, "<!channel>", "search-ranking")
    change = MadeChange(
        7, None, rule, None, 1, Reach.OPEN, Decimal(5), 2, "U0SAM", MONDAY, "rule:7"
    )

    assert "Done: moved $5.00, 2 records." in rule_changes.moved(change, 2).text
    assert "moved about $5.00, 3 records." in rule_changes.moved(change, 3).text
    said = rule_changes.moved(change, 1).text
    assert "moved about $5.00, 1 record and 1 line of bills." in said
    assert "moved about $5.00, 2 lines of bills." in rule_changes.moved(change, 0).text
    for card in (
        rule_changes.saved(change, Sum()),
        rule_changes.moving(change, 40),
        rule_changes.moved(change, 3),
        rule_changes.undone(change, "U0SAM"),
    ):
        holds(card)


def test_a_plan_says_what_moves_and_what_it_could_not_look_at():
    moves = (
        Move("", "search-ranking", Sum(Decimal(5), 1, 2), Decimal(0), Decimal(0), Decimal(1)),
        Move("~unmetered", "", Sum(Decimal(2)), Decimal(0), Decimal(0), Decimal(0)),
    )
    trial = Trial(MONDAY, moves, besides=Sum(Decimal(3), 4), back_to=MONDAY, partial=True)

    said = list(plan_moves.moves_said(trial, "UTC"))
    held = "1 record and 2 lines of bills"

    assert said == [
        f"In months that still run, these rules move $7.00, {held}:",
        f"  Unattributed → search-ranking: $5.00, {held} ($1.00 in months that are closed)",
        "  Unmetered → Unattributed: $2.00",
        "A bill’s UTC day that lies in two months is settled anew as a whole.",
        "$3.00, 4 records is told anew besides, as other rules had changed before.",
        "Only records since Mon 23 Nov 09:00 UTC were looked at: older move as well.",
        "Only the dearest of the records were looked at: others move as well.",
    ]
    nothing = list(plan_moves.moves_said(Trial(MONDAY), "UTC"))
    assert nothing == ["Nothing recorded in months that still run moves by these rules."]
