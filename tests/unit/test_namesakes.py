"""Whose key it is reads like whose spend it is."""

import pytest

from bot.attribution import Clue, Rule
from bot.namesakes import EVERYTHING, Sight, called

SIGHT = Sight(names=False, people=called(["U0KIM", "Kim Ng", "lou@example.com", "jo"]))


@pytest.mark.parametrize(
    ("value", "hidden"),
    [
        ("kim@example.com", True),
        ("Kim <kim@example.co.uk>", True),
        ("dev/kim@example.com", True),
        ("u0kim", True),
        ("KIM NG", True),
        ("kim-ng", True),
        ("jo", True),
        ("jo-prod", False),
        ("kim-ng-tools", False),
        ("checkout@2.1.0", False),
        ("prod-*", False),
        ("@", False),
        ("", False),
    ],
)
def test_a_key_is_somebodys_where_it_is_called_as_they_are(value, hidden):
    assert SIGHT.hides(Clue.KEY, value) is hidden
    assert SIGHT.hides(Clue.PROJECT, value) is hidden
    assert SIGHT.hides(Clue.PERSON, value)
    assert not EVERYTHING.hides(Clue.KEY, value)
    assert not EVERYTHING.hides(Clue.PERSON, value)


@pytest.mark.parametrize(
    ("pattern", "hidden"),
    [("kim@*", True), ("kim@example.*", True), ("jo*", True), ("Kim?Ng", True), ("sk-*", False)],
)
def test_a_pattern_is_somebodys_where_it_says_enough_of_them(pattern, hidden):
    assert SIGHT.hides_rule(Rule(Clue.KEY, pattern, "search")) is hidden


@pytest.mark.parametrize(
    ("source", "hidden"),
    [
        ("jo/claude-code", True),
        ("Kim Ng/shop", True),
        ("kim@example.com/codex", True),
        ("gateway/claude-code", False),
        ("gateway/jo", False),
        ("jo-prod/codex", False),
        ("/codex", False),
    ],
)
def test_a_source_is_somebodys_where_its_key_is_called_as_they_are(source, hidden):
    assert SIGHT.hides(Clue.SOURCE, source) is hidden
    assert SIGHT.hides_rule(Rule(Clue.SOURCE, source, "search")) is hidden
    assert not EVERYTHING.hides(Clue.SOURCE, source)
    # Of a key or project it is no key's name that stands before a slash.
    assert SIGHT.hides(Clue.PROJECT, source) is ("@" in source)


@pytest.mark.parametrize(
    ("tag", "hidden"),
    [("user:jo", True), ("owner: Kim Ng", True), ("jo", True), ("squad:blue", False), (":", False)],
)
def test_a_tag_is_somebodys_where_it_says_so_after_its_name(tag, hidden):
    assert SIGHT.hides(Clue.DECLARED, tag) is hidden
    assert SIGHT.hides_rule(Rule(Clue.DECLARED, tag, "search")) is hidden
    assert not EVERYTHING.hides(Clue.DECLARED, tag)


def test_a_rule_for_all_sources_of_somebodys_key_is_theirs():
    assert SIGHT.hides_rule(Rule(Clue.SOURCE, "jo/*", "search"))
    assert not SIGHT.hides_rule(Rule(Clue.SOURCE, "gateway/*", "search"))


def test_a_bill_is_nobodys_whoever_is_called_so():
    bill = Sight(names=False, people=called(["Bill"]))

    assert not bill.hides(Clue.SOURCE, "bill/openai")
    assert bill.hides(Clue.SOURCE, "bill")
