from datetime import UTC, datetime

from bot.periods import BEGINNING, Calendar, CapKind, WeekStart, period_of
from bot.workflows import with_calendar
from tests.builders import BERLIN, MONDAY, a_workflow


def test_a_new_workflow_counts_in_its_zone_from_the_beginning():
    workflow = with_calendar(a_workflow(calendars=()), "Asia/Tokyo", WeekStart.SUNDAY, MONDAY)

    assert workflow.calendars == (Calendar(BEGINNING, "Asia/Tokyo", WeekStart.SUNDAY),)


def test_the_same_calendar_again_changes_nothing():
    workflow = a_workflow(calendars=BERLIN)

    assert with_calendar(workflow, "Europe/Berlin", WeekStart.MONDAY, MONDAY) is workflow


def test_a_new_zone_holds_from_the_next_period_on():
    workflow = with_calendar(a_workflow(), "America/New_York", WeekStart.MONDAY, MONDAY)

    running = period_of(CapKind.DAILY, MONDAY, workflow.calendars)
    following = period_of(CapKind.DAILY, running.end, workflow.calendars)
    assert running == period_of(CapKind.DAILY, MONDAY, BERLIN)
    assert following.end == datetime(2026, 11, 25, 5, tzinfo=UTC)


def test_going_back_before_the_period_ended_leaves_the_periods_as_they_were():
    away = with_calendar(a_workflow(), "America/New_York", WeekStart.MONDAY, MONDAY)
    back = with_calendar(away, "Europe/Berlin", WeekStart.MONDAY, MONDAY)

    running = period_of(CapKind.WEEKLY, MONDAY, back.calendars)
    for kind in (CapKind.DAILY, CapKind.WEEKLY, CapKind.MONTHLY):
        following = period_of(kind, running.end, back.calendars)
        assert following == period_of(kind, running.end, BERLIN)
