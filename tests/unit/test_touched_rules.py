"""What is looked at when several rules change at once: no rule by which nothing can move."""

import pytest

from bot.attribution import Attribution, Clue, Rule
from bot.rule_trials import Choice, Choices

A, B, C = (Rule(Clue.KEY, f"{name}-*", "search") for name in "abc")
ELSEWHERE = Rule(Clue.KEY, "a-*", "chat")
PERSON = Rule(Clue.PERSON, "kim", "search")


def touched(before, after, known=(), becomes=()):
    choices = Choices(Choice(Attribution(before), known), Choice(Attribution(after), becomes))
    return {*choices.touched()}


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        pytest.param([A, B], [A, B], set(), id="nothing"),
        pytest.param([A, B], [A, B, C], {C}, id="one comes"),
        pytest.param([A, B, C], [A, C], {B}, id="one goes"),
        pytest.param([A, B], [ELSEWHERE, B], {A, ELSEWHERE}, id="one leads elsewhere"),
        pytest.param([A, B, PERSON], [B, A, PERSON], {A, B}, id="another order of a clue"),
        pytest.param([A, B], [B, A, C], {A, B, C}, id="another order, and one comes"),
        pytest.param([PERSON, A], [A, PERSON], set(), id="clues have an order of their own"),
    ],
)
def test_rules_are_touched_that_differ_or_stand_elsewhere(before, after, found):
    assert touched(before, after) == found


def test_a_workflow_that_comes_is_told_by_its_name():
    names = {Rule(Clue.DECLARED, "chat", "chat"), Rule(Clue.TEAM, "chat", "chat")}

    assert touched([A], [A], ["search"], ["search", "chat"]) == names
