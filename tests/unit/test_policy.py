from dataclasses import replace
from datetime import time
from decimal import Decimal

import pytest

from bot.policy import (
    BadPolicy,
    Policy,
    WeeklyMoment,
    check_thresholds,
    checked,
    read_weekly_moment,
)
from bot.refusal import Refusal


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Mon 09:00", WeeklyMoment(0, time(9))),
        ("sunday 23:59", WeeklyMoment(6, time(23, 59))),
        ("  TUE 9:05 ", WeeklyMoment(1, time(9, 5))),
    ],
)
def test_a_weekly_moment_is_read_and_written_back(text, moment):
    assert read_weekly_moment(text) == moment
    assert read_weekly_moment(str(moment)) == moment


@pytest.mark.parametrize("text", ["", "Mon", "Someday 09:00", "Mon 24:00", "Mon 09:60", "9:00 Mon"])
def test_what_is_no_weekly_moment_is_refused(text):
    with pytest.raises(BadPolicy) as refused:
        read_weekly_moment(text, field="review_at")

    assert refused.value.field == "review_at"


def test_thresholds_come_back_in_order_and_once():
    assert check_thresholds((100, 75, 90, 75)) == (75, 90, 100)


@pytest.mark.parametrize("thresholds", [(), (0,), (75, 1_001), (-1,)])
def test_thresholds_that_cannot_be_meant_are_refused(thresholds):
    with pytest.raises(BadPolicy):
        check_thresholds(thresholds)


def test_the_defaults_are_a_policy():
    assert checked(Policy()) == Policy()


@pytest.mark.parametrize(
    ("named", "field"),
    [
        ({"timezone": "Berlin"}, "timezone"),
        ({"finance_over": Decimal(-1)}, "finance_over"),
        ({"request_expires_hours": 0}, "request_expires_hours"),
        ({"thresholds": ()}, "thresholds"),
    ],
)
def test_a_number_that_cannot_be_meant_is_named(named, field):
    with pytest.raises(Refusal) as refused:
        checked(replace(Policy(), **named))

    assert refused.value.field == field
