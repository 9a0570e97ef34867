from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.periods import (
    BEGINNING,
    CALENDAR_KINDS,
    Calendar,
    CapKind,
    NotAZone,
    WeekStart,
    check_zone,
    local_day,
    midnight,
    period_of,
    same_local_time,
    slot_of,
    zone_now,
)
from tests.builders import BERLIN, MONDAY

TICK = timedelta(microseconds=1)
# Days that begin at 01:00, half-hour savings, far ends of the date line.
AWKWARD = (
    "Africa/Cairo",
    "America/Santiago",
    "Asia/Beirut",
    "America/Havana",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Kiritimati",
    "Pacific/Niue",
    "Asia/Kathmandu",
)
zones = st.sampled_from(AWKWARD) | st.sampled_from(sorted(available_timezones()))
moments = st.datetimes(datetime(2016, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
kinds = st.sampled_from(CALENDAR_KINDS)
week_starts = st.sampled_from(WeekStart)


@st.composite
def calendars(draw):
    """A team's calendar and up to three changes of it, in the order they were made."""
    changes = sorted(draw(st.lists(moments, max_size=3, unique=True)))
    return tuple(Calendar(since, draw(zones), draw(week_starts)) for since in (BEGINNING, *changes))


@given(kind=kinds, moment=moments, zone=zones, week_start=week_starts)
def test_periods_tile_the_calendar_without_gap_or_overlap(kind, moment, zone, week_start):
    calendar = (Calendar(BEGINNING, zone, week_start),)

    period = period_of(kind, moment, calendar)

    assert moment in period
    assert period_of(kind, period.end - TICK, calendar) == period
    assert period_of(kind, period.start, calendar) == period
    assert period_of(kind, period.end, calendar).start == period.end


@given(kind=kinds, moment=moments, changing=calendars())
def test_they_tile_it_also_when_zones_and_week_starts_change(kind, moment, changing):
    for at in (moment, *(calendar.since for calendar in changing[1:])):
        period = period_of(kind, at, changing)
        assert at in period
        assert period_of(kind, period.start, changing) == period
        assert period_of(kind, period.end - TICK, changing) == period
        assert period_of(kind, period.end, changing).start == period.end


@given(kind=kinds, changing=calendars())
def test_a_change_never_moves_an_edge_of_the_running_period(kind, changing):
    known = changing[:-1]
    if not known:
        return
    now = changing[-1].since

    assert period_of(kind, now, changing) == period_of(kind, now, known)


@given(kind=kinds, changing=calendars(), moment=moments)
def test_no_period_is_shorter_than_half_or_longer_than_two_of_its_kind(kind, changing, moment):
    days = {CapKind.DAILY: (1, 1), CapKind.WEEKLY: (7, 7), CapKind.MONTHLY: (28, 31)}[kind]
    period = period_of(kind, moment, changing)
    # Daylight saving and a zone half the world away move an edge by hours.
    slack = timedelta(hours=26)

    length = period.end - period.start
    assert length >= timedelta(days=days[0]) / 2 - timedelta(hours=2)
    assert length <= timedelta(days=days[1]) * 2 + slack


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        pytest.param("Africa/Cairo", date(2026, 4, 24), "01:00", id="Cairo skips midnight"),
        pytest.param("America/Santiago", date(2026, 9, 6), "01:00", id="Santiago skips midnight"),
        pytest.param("Asia/Beirut", date(2026, 3, 29), "01:00", id="Beirut skips midnight"),
        pytest.param("America/Havana", date(2026, 11, 1), "00:00", id="Havana repeats midnight"),
    ],
)
def test_a_day_begins_at_its_first_instant(zone, day, begins):
    first = midnight(day, zone)

    assert f"{first.astimezone(ZoneInfo(zone)):%H:%M}" == begins
    assert local_day(first, zone) == day
    assert local_day(first - TICK, zone) == day - timedelta(days=1)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        pytest.param("Europe/Berlin", date(2026, 3, 29), 23, id="spring"),
        pytest.param("Europe/Berlin", date(2026, 10, 25), 25, id="autumn"),
        pytest.param("Africa/Cairo", date(2026, 4, 24), 23, id="a skipped midnight"),
        pytest.param("America/Havana", date(2026, 11, 1), 25, id="a repeated midnight"),
        pytest.param("Australia/Lord_Howe", date(2026, 10, 4), 23.5, id="half an hour"),
    ],
)
def test_a_day_has_the_hours_the_wall_clock_gives_it(zone, day, hours):
    period = period_of(CapKind.DAILY, midnight(day, zone), (Calendar(BEGINNING, zone),))

    assert (period.end - period.start) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("kind", "at", "start", "end"),
    [
        pytest.param("monthly", "2028-02-29 12", "2028-01-31 23", "2028-02-29 23", id="29 Feb"),
        pytest.param("monthly", "2026-12-31 23", "2026-12-31 23", "2027-01-31 23", id="new year"),
        pytest.param("weekly", "2027-01-01 12", "2026-12-27 23", "2027-01-03 23", id="over a year"),
        pytest.param("weekly", "2026-03-29 12", "2026-03-22 23", "2026-03-29 22", id="short week"),
        pytest.param("daily", "2026-11-22 23", "2026-11-22 23", "2026-11-23 23", id="the edge"),
    ],
)
def test_the_edges_of_berlin_periods(kind, at, start, end):
    period = period_of(CapKind(kind), hour(at), BERLIN)

    assert (period.start, period.end) == (hour(start), hour(end))


def hour(text):
    return datetime.strptime(text, "%Y-%m-%d %H").replace(tzinfo=UTC)


def test_the_week_starts_on_sunday_where_the_policy_says_so():
    sunday = (Calendar(BEGINNING, "UTC", WeekStart.SUNDAY),)

    assert period_of(CapKind.WEEKLY, MONDAY, sunday).start == datetime(2026, 11, 22, tzinfo=UTC)


@given(moment=moments, days=st.integers(0, 400), zone=zones)
def test_days_later_the_wall_shows_the_same_time_wherever_it_exists(moment, days, zone):
    later = same_local_time(moment, days, zone)

    then, now = later.astimezone(ZoneInfo(zone)), moment.astimezone(ZoneInfo(zone))
    wanted = now.replace(tzinfo=None) + timedelta(days=days)
    assert abs(then.replace(tzinfo=None) - wanted) <= timedelta(hours=1)


@given(changing=calendars(), moment=moments)
def test_the_zone_of_a_moment_is_one_the_team_has_chosen(changing, moment):
    assert zone_now(changing, moment) in {calendar.zone for calendar in changing}


@pytest.mark.parametrize("name", ["Berlin", "Europe/Atlantis", "", "../etc/passwd", "CET+1"])
def test_what_is_no_zone_is_refused(name):
    with pytest.raises(NotAZone) as refused:
        check_zone(name, field="timezone")

    assert refused.value.field == "timezone"


def test_a_total_never_starts_again_and_has_no_calendar():
    with pytest.raises(ValueError, match="total"):
        period_of(CapKind.TOTAL, MONDAY, BERLIN)


@pytest.mark.parametrize(
    ("minute", "second", "start"), [(0, 0, 0), (4, 59, 0), (5, 0, 5), (59, 59, 55)]
)
def test_a_slot_begins_at_a_round_time(minute, second, start):
    hour = datetime(2026, 10, 25, 1, tzinfo=UTC)
    now = hour + timedelta(minutes=minute, seconds=second)

    assert slot_of(now, timedelta(minutes=5)) == hour + timedelta(minutes=start)
