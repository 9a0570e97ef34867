from dataclasses import replace
from decimal import Decimal

import pytest

from bot.cards.alerts import Report, for_owner
from bot.cards.digests import pages, together
from bot.cards.kit import actions, button, section
from bot.notices import Card, Urgency
from bot.reach import HeldWord
from playground.blockkit import problems
from tests.builders import MONDAY, OWEN, a_watch, a_workflow
from tests.unit.test_alert_cards import HOSTILE

ALERT = for_owner(Report(a_workflow(), (a_watch(spent=Decimal(200)),), "Europe/Berlin", MONDAY))


def a_word(key="alert-1", card=ALERT):
    return HeldWord(key, OWEN, card, Urgency.NORMAL, "Asia/Kolkata", MONDAY, MONDAY)


def taken(card):
    assert problems({"text": card.text, "blocks": list(card.blocks)}, "message") == []
    assert len(card.text) <= 40_000
    return card


def test_a_single_word_is_itself_with_the_hour_it_is_of():
    card = taken(together((a_word(),)))

    assert "has used 80 % of its weekly cap ($200.00 of $250.00)" in card.text
    assert "As of <!date^1795424400^{date_short_pretty} {time}|Mon 23 Nov 14:30 IST>" in card.text
    assert card.blocks[:-1] == ALERT.blocks


def test_several_words_are_one_message_with_figures_and_buttons_each():
    card = taken(together((a_word(), a_word("alert-2"))))

    assert "2 words waited for you" in card.text
    assert card.text.count("$200.00 of $250.00") == 2
    assert card.text.count("As of") == 2
    assert sum(block["type"] == "actions" for block in card.blocks) == 3


def test_blocks_of_the_same_name_stand_beside_each_other():
    card = Card("Agree?", (section("Agree?"), actions(button("Yes", "a.b", "1"), block_id="yes")))

    taken(together((a_word(card=card), a_word("alert-2", card))))


def test_only_the_first_row_of_buttons_is_kept():
    rows = tuple(actions(button(label, "a.b", "1")) for label in ("First", "Second"))
    card = Card("Much to press.", (section("Much to press."), *rows))

    found = together((a_word(card=card), a_word("alert-2", card)))

    assert sum(block["type"] == "actions" for block in found.blocks) == 3


def test_a_night_of_alerts_is_paged_and_nothing_is_lost():
    words = [a_word(f"alert-{number}") for number in range(60)]

    made = pages(words)

    assert [word for page in made for word in page] == words
    assert 1 < len(made) < 60
    for page in made:
        taken(together(page))


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_a_workflow_is_called_slack_takes_it(name):
    report = Report(a_workflow(name=name), (a_watch(spent=Decimal(200)),), "UTC", MONDAY)
    words = [a_word(str(number), for_owner(report)) for number in range(9)]

    for page in pages(words):
        taken(together(page))


def test_a_word_as_long_as_slack_takes_stands_alone():
    long = Card("x" * 3_000, tuple(section("x" * 3_000) for _ in range(4)))

    made = pages([a_word(card=long), a_word("alert-2"), replace(a_word("3"), card=long)])

    assert [len(page) for page in made] == [1, 1, 1]
    for page in made:
        taken(together(page))
