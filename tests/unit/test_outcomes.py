from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.cards import outcomes as cards
from bot.outcomes import Happened, Outcome, Said, answered
from bot.periods import CapKind
from bot.refusal import NotAllowed, Refusal, TooLate
from playground.blockkit import problems
from tests.builders import ANA, FIN, MIA, MONDAY, OWEN, SAM, a_workflow

ZOE = "U0ZOE"
ASKED = Outcome(
    "r-1",
    "search-ranking",
    ZOE,
    MONDAY,
    CapKind.WEEKLY,
    Decimal(100),
    "p95 latency",
    "under 2 s",
    reminds_at=MONDAY + timedelta(days=3),
)
YES = Said("r-1", ZOE, Happened.YES, "p95 is 1.8 s.", "https://example.com/p95?a=1&b=2")
LATER = MONDAY + timedelta(hours=23)


@pytest.mark.parametrize("by", [ZOE, OWEN, MIA])
def test_the_requester_the_owner_and_the_backup_may_say(by):
    said = answered(ASKED, replace(YES, by=by), a_workflow(), MONDAY)

    assert (said.by, said.answer, said.at, said.reminds_at) == (by, Happened.YES, MONDAY, None)


@pytest.mark.parametrize("by", [ANA, FIN, SAM])
def test_nobody_else_may(by):
    with pytest.raises(NotAllowed, match=ZOE):
        answered(ASKED, replace(YES, by=by), a_workflow(), MONDAY)


def test_the_first_answer_counts_and_its_giver_corrects_it_for_a_day():
    first = answered(ASKED, YES, a_workflow(), MONDAY)

    corrected = answered(first, replace(YES, answer=Happened.NO), a_workflow(), LATER)

    assert corrected.answer is Happened.NO
    with pytest.raises(TooLate, match=ZOE):
        answered(first, replace(YES, by=OWEN), a_workflow(), LATER)
    with pytest.raises(TooLate, match="over"):
        answered(first, YES, a_workflow(), MONDAY + timedelta(days=1))


@pytest.mark.parametrize(
    ("named", "field"),
    [
        pytest.param({"evidence": " \u200b\n"}, "evidence", id="no visible evidence"),
        pytest.param({"evidence": "x" * 701}, "evidence", id="a novel"),
        pytest.param({"link": "javascript:alert(1)"}, "link", id="no web address"),
        pytest.param({"link": "https://a|<!channel>"}, "link", id="an address with a mention"),
        pytest.param({"link": "https://a b"}, "link", id="an address with a space"),
        pytest.param({"link": "https://" + "a" * 300}, "link", id="a long address"),
    ],
)
def test_what_is_missing_or_no_link_is_said_beside_its_field(named, field):
    with pytest.raises(Refusal) as refused:
        answered(ASKED, replace(YES, **named), a_workflow(), MONDAY)

    assert refused.value.field == field


HOSTILE = "<!channel> *x* \u202e\x00\n`y` :boom: " * 20
WORST = replace(ASKED, promised=HOSTILE, target=HOSTILE)
SAID = replace(
    WORST,
    answer=Happened.PARTLY,
    by=ZOE,
    at=MONDAY,
    evidence=HOSTILE,
    link="https://example.com/?" + "&" * 279,
)
LOUD = a_workflow(name=HOSTILE)


@pytest.mark.parametrize(
    "card",
    [
        cards.question(WORST, LOUD),
        cards.question(replace(ASKED, promised=""), LOUD),
        cards.reminder(replace(WORST, reminds_at=None), LOUD),
        cards.settled(SAID, LOUD, "Europe/Berlin"),
        cards.thanked(SAID),
    ],
)
def test_each_card_is_one_that_slack_takes_and_mentions_no_channel(card):
    assert problems({"text": card.text, "blocks": list(card.blocks)}, "message") == []
    assert "<!channel>" not in card.text


def test_the_question_names_what_was_promised():
    text = cards.question(ASKED, a_workflow()).text

    assert "+$100.00 on the weekly cap" in text
    assert "“p95 latency”, target “under 2 s”" in text
    assert "three days" in text
