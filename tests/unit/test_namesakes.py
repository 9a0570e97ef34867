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
