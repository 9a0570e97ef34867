"""Money that runs above what its whole day was to cost."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.anomalies import Hour
from bot.forecast import Day, Sureness, Trail, forecast
from bot.periods import BEGINNING, Calendar, CapKind, Period, local_day, period_of
from bot.rushes import last_hour, rushing

ZONE = "Europe/Berlin"
SUNDAY = datetime(2026, 11, 22, 15, 55, tzinfo=UTC)
WEEK = period_of(CapKind.WEEKLY, SUNDAY, (Calendar(BEGINNING, ZONE),))
WORKING = (22, 22, 22, 22, 22, 4, 4)
HISTORY = [
    Day(day, Decimal(WORKING[day.weekday()]))
    for day in (date(2026, 11, 6) + timedelta(days=n) for n in range(16))
]
CAP = Decimal(250)
# Monday to Saturday.
BEFORE = Decimal(114)


def ahead(so_far, rate, now=SUNDAY, cap=CAP):
    days = [one for one in HISTORY if one.day < local_day(now, ZONE)]
    before = sum((one.spent for one in days if one.day >= local_day(WEEK.start, ZONE)), Decimal(0))
    spent = before + Decimal(so_far)
    found = forecast(Trail(days, Decimal(rate)), spent, WEEK, ZONE, cap, now)
    assert found is not None
    return found


def test_a_rush_at_the_end_of_a_week_is_expected_to_go_on():
    found = ahead(74, rate=68)

    assert found.expected == BEFORE + 74 + 2 * 68
    assert (found.low, found.sure) == (BEFORE + 74, Sureness.LOW)
    assert found.high >= BEFORE + 74 + 6 * 68
    assert found.hits_at is not None
    assert abs(found.hits_at - SUNDAY - timedelta(minutes=55)) < timedelta(minutes=1)


def test_what_was_spent_in_the_morning_does_not_run_any_more():
    found = ahead(74, rate=0)

    assert found.expected == BEFORE + 74
    assert found.hits_at is None


def test_a_rush_makes_it_unsure_also_where_the_cap_is_passed():
    assert ahead(200, rate=90).sure is Sureness.LOW


@pytest.mark.parametrize("so_far", [0, 1, 2])
def test_a_busy_hour_inside_the_day_s_money_is_no_rush(so_far):
    assert ahead(so_far, rate=so_far) == ahead(so_far, rate=0)


def test_nothing_goes_on_beyond_the_end_of_the_period():
    now = WEEK.end - timedelta(minutes=30)
    found = ahead(74, rate=60, now=now)

    assert found.expected == BEFORE + 74 + 30
    assert found.hits_at is None
    assert ahead(74, rate=60, now=now, cap=BEFORE + 89).hits_at == now + timedelta(minutes=15)


def test_a_rush_late_in_the_evening_goes_on_past_midnight():
    friday = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)

    found = ahead(90, rate=60, now=friday)

    assert found.expected - ahead(90, rate=0, now=friday).expected == 120
    hits_at = ahead(90, rate=60, now=friday, cap=Decimal(268)).hits_at
    assert hits_at is not None
    assert abs(hits_at - friday - timedelta(minutes=90)) < timedelta(minutes=1)


def test_a_breach_that_is_foreseen_anyway_becomes_no_less_sure_by_a_rush():
    thursday = datetime(2026, 11, 19, 12, tzinfo=UTC)
    calm, rushed = (ahead(40, rate=rate, now=thursday, cap=Decimal(120)) for rate in (0, 30))

    assert calm.hits_at is not None
    assert rushed.hits_at is not None
    assert rushed.hits_at < calm.hits_at
    assert (rushed.sure, rushed.low) == (calm.sure, calm.low)


@pytest.mark.parametrize(
    ("minute", "spent"),
    [
        pytest.param(0, 60, id="the hour before, whole"),
        pytest.param(15, 45 + 30, id="the rest of it, and the running one"),
        pytest.param(55, 5 + 30, id="little of it"),
    ],
)
def test_the_last_hour_lies_in_two(minute, spent):
    hour = SUNDAY.replace(minute=0)
    known = [Hour(hour - timedelta(hours=n), Decimal(cost)) for n, cost in ((2, 900), (1, 60))]
    running = [Hour(hour, Decimal(30 if minute else 0))]

    assert last_hour([*known, *running], hour.replace(minute=minute)) == spent


MONEY = st.decimals("-1000", 10**6, places=9)


@given(MONEY, MONEY, MONEY)
def test_a_rush_is_never_more_than_the_last_hour_nor_than_what_lies_above_the_day(
    expected, so_far, hour
):
    rush = rushing(expected, so_far, hour)

    assert rush == 0 or 0 < rush <= min(hour, so_far - expected)


@settings(max_examples=60, deadline=None)
@given(
    st.decimals(0, 10**5, places=9),
    st.decimals(0, 10**5, places=9),
    st.decimals(1, 10**5, places=9),
    st.timedeltas(timedelta(days=2), timedelta(days=7) - timedelta(microseconds=1)),
)
def test_the_faster_it_runs_the_more_is_expected_and_the_sooner_the_cap_is_hit(
    so_far, rate, cap, elapsed
):
    now = WEEK.start + elapsed

    calm, rushed = ahead(so_far, 0, now, cap), ahead(so_far, rate, now, cap)

    assert rushed.expected >= calm.expected
    assert calm.low == rushed.low <= rushed.expected <= rushed.high
    assert rushed.hits_at is None or now <= rushed.hits_at < WEEK.end
    assert calm.hits_at is None or (
        rushed.hits_at is not None and rushed.hits_at <= calm.hits_at and rushed.sure is calm.sure
    )


@pytest.mark.parametrize("known", [120, 119, 60])
def test_what_is_older_than_is_remembered_is_no_rush_of_today(known):
    """Whether the oldest days remembered had spend or not."""
    today = SUNDAY.date()
    days = [Day(today - timedelta(days=n), Decimal(10)) for n in range(known, 0, -1)]
    begun = SUNDAY - timedelta(days=300)
    total = Period(CapKind.TOTAL, begun, SUNDAY + timedelta(days=3_000))
    spent = Decimal(1_000 + 10 * known + 6)

    calm, rushed = (
        forecast(Trail(days, Decimal(hour)), spent, total, ZONE, Decimal(10**6), SUNDAY)
        for hour in (0, 5)
    )

    assert calm == rushed
