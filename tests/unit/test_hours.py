from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.hours import NIGHT, NO_QUIET_HOURS, NotATime, next_time, read_quiet_hours, when_loud

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("local", "quiet"),
    [
        pytest.param(time(19, 59), False, id="before"),
        pytest.param(time(20), True, id="at the start"),
        pytest.param(time(3), True, id="past midnight"),
        pytest.param(time(7), False, id="at the end"),
    ],
)
def test_a_night_passes_midnight(local, quiet):
    assert (local in NIGHT) is quiet


def test_no_quiet_hours_are_never_quiet():
    assert time(0) not in NO_QUIET_HOURS
    assert read_quiet_hours("none") == NO_QUIET_HOURS


@pytest.mark.parametrize("text", ["", "20:00", "20:00-20:00", "25:00-07:00", "8pm-7am"])
def test_what_are_no_quiet_hours_is_refused(text):
    with pytest.raises(NotATime):
        read_quiet_hours(text)


def test_the_end_of_quiet_hours_is_local_when_clocks_go_back():
    now = datetime(2026, 10, 24, 21, tzinfo=UTC)

    assert when_loud(NIGHT, BERLIN, now) == datetime(2026, 10, 25, 6, tzinfo=UTC)


def test_a_skipped_time_comes_an_hour_later_by_the_clock():
    now = datetime(2026, 3, 29, 0, tzinfo=UTC)

    assert next_time(time(2, 30), BERLIN, now) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@given(
    now=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    zone=st.sampled_from(
        ["Pacific/Auckland", "Asia/Kolkata", "America/Sao_Paulo", "America/Los_Angeles"]
    ),
)
def test_quiet_hours_always_end_within_a_day(now, zone):
    loud = when_loud(NIGHT, zone, now)

    assert 0 <= (loud - now).total_seconds() <= 12 * 3600
    assert when_loud(NIGHT, zone, loud) == loud
