from datetime import UTC, date, datetime, timedelta

import pytest

from bot.calendars import calendars_of, month_from, open_months, running_month
from bot.policy import Policy
from bot.refusal import Refusal
from bot.rule_changes import Reach
from tests.builders import MONDAY, a_workflow

POLICY = Policy(timezone="Europe/Berlin")
NOVEMBER = datetime(2026, 10, 31, 23, tzinfo=UTC)
ELSEWHERE = Policy(timezone="Asia/Tokyo")


@pytest.mark.parametrize("first", [None, date(2026, 11, 1)])
def test_the_running_month_is_the_organisations(first):
    assert month_from(first, POLICY, MONDAY).start == NOVEMBER


def test_a_month_that_is_over_ends_where_the_next_begins():
    assert month_from(date(2026, 10, 1), POLICY, MONDAY).end == NOVEMBER


def test_nothing_is_spent_in_a_month_that_is_ahead():
    with pytest.raises(Refusal, match="December 2026 is ahead"):
        month_from(date(2026, 12, 1), POLICY, MONDAY)


def test_months_of_workflows_without_a_calendar_and_of_what_is_nobodys_are_the_organisations():
    tokyo = a_workflow(key="tokyo", calendars=calendars_of(ELSEWHERE))
    proposed = a_workflow(key="proposed", calendars=())

    found = open_months([tokyo, proposed], POLICY, MONDAY)

    assert found == {
        "tokyo": NOVEMBER - timedelta(hours=8),
        "proposed": NOVEMBER,
        "": NOVEMBER,
    }


@pytest.mark.parametrize(
    ("first", "reach"),
    [
        (date(2026, 11, 1), Reach.OPEN),
        (date(2026, 10, 1), Reach.LAST_MONTH),
        (date(2026, 9, 1), Reach.ALL),
    ],
)
def test_a_rule_reaches_no_further_back_than_the_month_it_is_made_for(first, reach):
    running = running_month(POLICY, MONDAY)

    assert Reach.of(month_from(first, POLICY, MONDAY), running) is reach
