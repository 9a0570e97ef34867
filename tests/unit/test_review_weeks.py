from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.periods import CapKind, Period, WeekStart, midnight
from bot.policy import Policy, WeeklyMoment
from bot.review_weeks import Reviewed, due_reviews, ended_week, review_moment, say_week
from tests.builders import MONDAY, a_team, an_organisation

ZONES = ["Europe/Berlin", "Pacific/Auckland", "America/Los_Angeles", "Asia/Kolkata", "UTC"]
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def organisation(at="09:00", weekday=0, start=WeekStart.MONDAY, zone="Europe/Berlin"):
    moment = WeeklyMoment(weekday, time.fromisoformat(at))
    return an_organisation(policy=Policy(zone, start, moment))


def due(now, zone="Europe/Berlin", through=None, since=LONG_AGO, rules=None):
    team = a_team(timezone=zone)
    return due_reviews([Reviewed(team, through, since)], rules or organisation(), now)


def week(first, last, zone="Europe/Berlin"):
    end = midnight(last + timedelta(days=1), zone)
    return Period(CapKind.WEEKLY, midnight(first, zone), end)


@pytest.mark.parametrize("zone", ZONES)
def test_it_is_due_on_monday_at_nine_on_the_teams_wall(zone):
    nine = datetime(2026, 11, 23, 9, tzinfo=ZoneInfo(zone)).astimezone(UTC)

    assert due(nine - timedelta(microseconds=1), zone) == ()
    ((_, found),) = due(nine, zone)
    assert found == week(date(2026, 11, 16), date(2026, 11, 22), zone)


@pytest.mark.parametrize(
    ("zone", "monday"),
    [
        pytest.param("Europe/Berlin", date(2026, 3, 30), id="the Sunday before was 23 hours"),
        pytest.param("Europe/Berlin", date(2026, 10, 26), id="the Sunday before was 25 hours"),
        pytest.param("America/Los_Angeles", date(2026, 3, 9), id="Los Angeles, spring"),
        pytest.param("Pacific/Auckland", date(2026, 9, 28), id="Auckland, spring"),
        pytest.param("Pacific/Auckland", date(2026, 4, 6), id="Auckland, autumn"),
    ],
)
def test_daylight_saving_moves_neither_the_hour_nor_the_week(zone, monday):
    nine = datetime.combine(monday, time(9), ZoneInfo(zone)).astimezone(UTC)

    assert due(nine - timedelta(seconds=1), zone) == ()
    ((_, found),) = due(nine, zone)
    assert found == week(monday - timedelta(days=7), monday - timedelta(days=1), zone)


def test_an_hour_that_daylight_saving_skips_comes_all_the_same():
    rules = organisation("02:30", weekday=6, start=WeekStart.SUNDAY)
    midnight_before = datetime(2026, 3, 28, 23, tzinfo=UTC)

    assert due(midnight_before, rules=rules) == ()
    assert due(midnight_before + timedelta(hours=2, minutes=30), rules=rules) != ()


def test_what_was_opened_is_not_due():
    assert due(MONDAY, through=week(date(2026, 11, 16), date(2026, 11, 22)).end) == ()
    assert due(MONDAY, through=week(date(2026, 11, 9), date(2026, 11, 15)).end) != ()


def test_a_missed_monday_is_caught_up_through_the_week_and_only_the_latest():
    sunday = datetime(2026, 11, 29, 22, 59, tzinfo=UTC)

    ((_, found),) = due(sunday, through=LONG_AGO)
    assert found == week(date(2026, 11, 16), date(2026, 11, 22))
    assert due(sunday + timedelta(minutes=1), through=LONG_AGO) == ()


def test_a_team_that_began_after_monday_has_missed_nothing():
    assert due(MONDAY, since=MONDAY - timedelta(minutes=5)) == ()
    assert due(MONDAY, since=None) == ()


def test_on_the_hour_an_idle_team_is_told_that_there_is_nothing():
    assert due(datetime(2026, 11, 23, 8, tzinfo=UTC), since=None) != ()


def test_another_day_and_a_week_from_sunday_are_kept_to():
    rules = organisation("16:00", weekday=4, start=WeekStart.SUNDAY)
    friday = datetime(2026, 11, 27, 15, tzinfo=UTC)

    assert due(friday - timedelta(minutes=1), rules=rules) == ()
    ((_, found),) = due(friday, rules=rules)
    assert found == week(date(2026, 11, 15), date(2026, 11, 21))


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
def test_a_team_that_moves_gets_no_second_review_of_the_same_week(zone):
    reviewed = week(date(2026, 11, 16), date(2026, 11, 22)).end
    friday = datetime(2026, 11, 27, 12, tzinfo=UTC)

    assert due(friday, zone, through=reviewed) == ()
    assert due(friday + timedelta(days=7), zone, through=reviewed) != ()


def test_a_new_week_start_gets_no_second_review_of_the_same_week():
    reviewed = week(date(2026, 11, 16), date(2026, 11, 22)).end
    rules = organisation(start=WeekStart.SUNDAY)

    assert due(MONDAY + timedelta(days=2), through=reviewed, rules=rules) == ()
    assert due(MONDAY + timedelta(days=7), through=reviewed, rules=rules) != ()


@given(st.sampled_from(ZONES), st.integers(0, 35_000))
def test_whenever_the_clock_ticks_each_week_is_reviewed_once_and_in_order(zone, hours_later):
    start = LONG_AGO + timedelta(days=14, hours=hours_later)
    through, found = None, []
    for hours in range(0, 24 * 7 * 6, 7):
        for _, one in due(start + timedelta(hours=hours), zone, through):
            found.append(one)
            through = one.end

    assert len(found) in {5, 6, 7}
    assert all(earlier.end == later.start for earlier, later in pairwise(found))


@given(st.sampled_from(ZONES), st.datetimes(timezones=st.just(UTC)).filter(lambda d: d.year > 2000))
def test_the_moment_is_the_latest_that_has_come(zone, now):
    if now.year > 2090:
        return
    team, rules = a_team(timezone=zone), organisation()
    moment = review_moment(team, rules, now)

    local = moment.astimezone(ZoneInfo(zone))
    assert moment <= now < moment + timedelta(days=7, hours=2)
    assert (local.weekday(), local.time()) == (0, time(9))
    assert ended_week(team, rules, moment).end <= moment


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (date(2026, 11, 16), "16–22 Nov 2026"),
        (date(2026, 9, 28), "28 Sep – 4 Oct 2026"),
        (date(2026, 12, 28), "28 Dec 2026 – 3 Jan 2027"),
        (date(2026, 3, 23), "23–29 Mar 2026"),
    ],
)
def test_a_week_is_said_by_its_days(first, said):
    assert say_week(week(first, first + timedelta(days=6)), "Europe/Berlin") == said
