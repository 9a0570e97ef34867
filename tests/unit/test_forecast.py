from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import forecast
from bot.forecast import FAR
from bot.periods import BEGINNING, FOREVER, Calendar, CapKind, Period, period_of

START = datetime(2026, 11, 22, 23, tzinfo=UTC)
WEEK = Period(CapKind.WEEKLY, START, START + timedelta(days=7))
BERLIN = (Calendar(BEGINNING, "Europe/Berlin"),)


def pace(*known):
    found = forecast.pace(*known)
    assert found is not None
    return found


def after(days):
    return START + timedelta(days=days)


def test_the_pace_is_what_was_spent_over_the_time_that_passed():
    found = pace(Decimal(100), Decimal(250), WEEK, after(2))

    assert found.per_day == Decimal(50)
    assert found.hits_at == after(5)


def test_nothing_is_said_too_early():
    assert forecast.pace(Decimal(100), Decimal(250), WEEK, START + timedelta(hours=11)) is None


def test_nothing_spent_has_no_pace():
    assert forecast.pace(Decimal(0), Decimal(250), WEEK, after(2)) is None
    assert forecast.pace(Decimal(-5), Decimal(250), WEEK, after(2)) is None


def test_a_cap_that_lasts_the_period_is_not_hit():
    assert pace(Decimal(50), Decimal(250), WEEK, after(2)).hits_at is None


def test_a_cap_that_would_be_hit_at_the_very_end_is_not_hit():
    assert pace(Decimal(100), Decimal(350), WEEK, after(2)).hits_at is None


def test_a_cap_that_is_used_up_has_no_date_to_come():
    assert pace(Decimal(250), Decimal(250), WEEK, after(2)).hits_at is None


def test_a_total_cap_is_not_promised_for_the_far_future():
    life = Period(CapKind.TOTAL, START, FOREVER)

    assert pace(Decimal(1), Decimal(100), life, after(2)).hits_at == after(200)
    assert pace(Decimal("0.0001"), Decimal(10**8), life, after(2)).hits_at is None


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        pytest.param(datetime(2026, 3, 29, 12, tzinfo=UTC), 23, id="spring forward"),
        pytest.param(datetime(2026, 10, 25, 12, tzinfo=UTC), 25, id="fall back"),
    ],
)
def test_a_day_is_as_long_as_it_is(day, hours):
    period = period_of(CapKind.DAILY, day, BERLIN)

    found = pace(Decimal(hours - 1), Decimal(hours), period, period.end - timedelta(hours=1))

    assert found.per_hour == Decimal(1)
    assert found.hits_at is None


@given(
    st.decimals("0.000000001", 10**9, places=9),
    st.decimals("0.000000001", 10**9, places=9),
    st.timedeltas(timedelta(hours=12), timedelta(days=7) - timedelta(microseconds=1)),
)
def test_the_date_is_ahead_and_inside_the_period(spent, cap, elapsed):
    now = START + elapsed

    hits_at = pace(spent, cap, WEEK, now).hits_at

    assert hits_at is None or now <= hits_at < WEEK.end
    assert hits_at is None or hits_at < now + FAR
