"""Burning too fast; far above its own habit."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.anomalies import Hour, burning, spiking
from bot.periods import BEGINNING, FOREVER, Calendar, CapKind, Period, period_of

NOW = datetime(2026, 11, 19, 14, 30, tzinfo=UTC)
UTC_CALENDAR = (Calendar(BEGINNING, "UTC"),)
MONTH = period_of(CapKind.MONTHLY, NOW, UTC_CALENDAR)
FLOOR = Decimal(20)
TWO_DAYS = timedelta(hours=48)


@pytest.mark.parametrize(
    ("spent", "cap", "burns"),
    [
        pytest.param("240", "900", True, id="four times too fast"),
        pytest.param("239", "900", False, id="not quite"),
        pytest.param("19", "60", False, id="below the floor"),
        pytest.param("20", "60", True, id="at the floor"),
        pytest.param("0", "900", False, id="nothing spent"),
        pytest.param("-5", "900", False, id="a credit"),
        pytest.param("50", "0", False, id="nothing may be spent"),
    ],
)
def test_a_burn_is_a_month_s_money_in_a_week(spent, cap, burns):
    found = burning(Decimal(spent), TWO_DAYS, Decimal(cap), MONTH, FLOOR)

    assert (found is not None) is burns


def test_a_burn_says_how_long_the_cap_lasts_so():
    found = burning(Decimal(300), TWO_DAYS, Decimal(900), MONTH, FLOOR)

    assert found is not None
    assert found.lasts == timedelta(days=6)
    assert found.times == 5


def test_one_busy_hour_that_took_little_of_the_cap_is_no_burn():
    assert burning(Decimal(50), timedelta(hours=1), Decimal(900), MONTH, FLOOR) is None


def test_a_total_cap_has_no_end_to_be_early_for():
    life = Period(CapKind.TOTAL, MONTH.start, FOREVER)

    assert burning(Decimal(300), TWO_DAYS, Decimal(900), life, FLOOR) is None


def a_habit(days=21, hourly="2", now=NOW):
    """So much each hour from 9 to 17 of working days, up to the hour before `now`."""
    begun = now.replace(minute=0) - timedelta(days=days)
    hours = (begun + timedelta(hours=n) for n in range(days * 24))
    return [Hour(at, Decimal(hourly)) for at in hours if at.weekday() < 5 and 9 <= at.hour < 17]


def and_now(spent, habit, now=NOW):
    return [*habit, Hour(now.replace(minute=0), Decimal(spent))]


def test_an_hour_far_above_its_habit_is_a_spike():
    found = spiking(and_now(60, a_habit()), "UTC", FLOOR, NOW)

    assert found is not None
    assert (found.spent, found.usual, found.whole_day) == (Decimal(60), Decimal(2), False)
    assert found.since == found.start == NOW.replace(minute=0)


@pytest.mark.parametrize(
    ("spent", "days"),
    [
        pytest.param("2", 21, id="as ever"),
        pytest.param("5", 21, id="twice as much"),
        pytest.param("21", 21, id="less than the floor above its habit"),
        pytest.param("500", 5, id="no habit yet"),
        pytest.param("0", 21, id="nothing"),
    ],
)
def test_no_spike(spent, days):
    assert spiking(and_now(spent, a_habit(days)), "UTC", FLOOR, NOW) is None


def test_nothing_known_is_no_spike():
    assert spiking([], "UTC", FLOOR, NOW) is None
    assert spiking([Hour(NOW.replace(minute=0), Decimal(900))], "UTC", FLOOR, NOW) is None


def test_a_day_that_adds_up_is_a_spike_too():
    today = [Hour(NOW.replace(hour=hour, minute=0), Decimal(9)) for hour in range(15)]
    habit = [one for one in a_habit() if one.start.date() != NOW.date()]

    found = spiking([*habit, *today], "UTC", FLOOR, NOW)

    assert found is not None
    assert found.whole_day
    assert (found.spent, found.usual) == (Decimal(135), Decimal(16))


def test_what_goes_on_is_the_same_episode():
    before = NOW - timedelta(hours=2)
    habit = [one for one in a_habit() if one.start < before.replace(minute=0)]
    hours = [
        *habit,
        *(Hour((before + timedelta(hours=n)).replace(minute=0), Decimal(80)) for n in (0, 2)),
    ]

    found = spiking(hours, "UTC", FLOOR, NOW)

    assert found is not None
    assert found.since == before.replace(minute=0)


MONEY = st.decimals("-100", 10**9, places=9)


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(st.integers(0, 28 * 24), MONEY, max_size=60),
    MONEY,
    st.sampled_from(["UTC", "Asia/Kolkata", "America/Sao_Paulo", "Pacific/Auckland"]),
)
def test_whatever_was_spent_a_spike_is_above_its_habit(known, floor, zone):
    hours = [
        Hour(NOW.replace(minute=0) - timedelta(hours=ago), cost)
        for ago, cost in sorted(known.items(), reverse=True)
    ]

    found = spiking(hours, zone, floor, NOW)

    assert found is None or (found.spent > found.usual and found.since <= found.start <= NOW)
    assert found is None or found.spent - found.usual >= floor
