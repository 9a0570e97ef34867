"""Where a period will end."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.forecast import AHEAD, Day, Sureness, Trail, forecast
from bot.periods import (
    BEGINNING,
    FOREVER,
    Calendar,
    CapKind,
    Period,
    local_day,
    midnight,
    period_of,
)

NEVER = Decimal(10**12)
WORKING = (10, 10, 10, 10, 10, 2, 1)


def month_of(day, zone="UTC"):
    return period_of(CapKind.MONTHLY, midnight(day, zone), (Calendar(BEGINNING, zone),))


def a_history(first, until, cost=lambda day: Decimal(WORKING[day.weekday()])):
    days = (first + timedelta(days=n) for n in range((until - first).days))
    return [Day(day, cost(day)) for day in days]


def ahead(history, now, period, cap=NEVER, zone="UTC", so_far=Decimal(0)):
    first = local_day(period.start, zone)
    spent = sum((one.spent for one in history if one.day >= first), so_far)
    return forecast(Trail(history), spent, period, zone, cap, now)


def on(day, zone="UTC", hour=0):
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def whole(period, zone="UTC"):
    """What a month of the working week's habit costs."""
    days = a_history(local_day(period.start, zone), local_day(period.end, zone))
    return sum(one.spent for one in days)


@pytest.mark.parametrize(
    ("today", "zone"),
    [
        pytest.param(date(2026, 11, 7), "UTC", id="a weekend is ahead"),
        pytest.param(date(2026, 11, 30), "Asia/Kolkata", id="the last day"),
        pytest.param(date(2028, 2, 26), "Europe/Berlin", id="29 February is ahead"),
        pytest.param(date(2026, 3, 20), "Europe/Berlin", id="a day of 23 hours is ahead"),
        pytest.param(date(2026, 10, 20), "Europe/Berlin", id="a day of 25 hours is ahead"),
        pytest.param(date(2026, 9, 20), "Pacific/Auckland", id="spring in Auckland"),
        pytest.param(date(2026, 12, 31), "America/Sao_Paulo", id="the year's last day"),
    ],
)
def test_weekdays_cost_what_they_used_to(today, zone):
    period = month_of(today, zone)

    found = ahead(a_history(today - timedelta(days=70), today), on(today, zone), period, zone=zone)

    assert found is not None
    assert float(found.expected) == pytest.approx(float(whole(period, zone)), rel=0.03)
    assert found.low <= found.expected <= found.high
    assert found.until == period.end
    assert found.sure is Sureness.GOOD


@pytest.mark.parametrize(
    ("now", "told"),
    [
        pytest.param(on(date(2026, 11, 3)) - timedelta(microseconds=1), False, id="day two"),
        pytest.param(on(date(2026, 11, 3)), True, id="day three"),
        pytest.param(on(date(2026, 12, 1)) - timedelta(microseconds=1), True, id="last moment"),
        pytest.param(on(date(2026, 12, 1)), False, id="over"),
    ],
)
def test_it_is_told_from_the_third_day_to_the_end(now, told):
    history = a_history(date(2026, 9, 1), local_day(now, "UTC"))

    assert (ahead(history, now, month_of(date(2026, 11, 2))) is not None) is told


def test_nothing_is_told_where_nothing_is_known():
    assert ahead([], on(date(2026, 11, 9)), month_of(date(2026, 11, 9))) is None
    idle = a_history(date(2026, 10, 1), date(2026, 11, 9), lambda _: Decimal(0))
    assert ahead(idle, on(date(2026, 11, 9)), month_of(date(2026, 11, 9))) is None


def test_the_cap_is_hit_on_a_day_that_costs_something():
    today = date(2026, 11, 12)
    history = a_history(date(2026, 9, 1), today, lambda day: Decimal(10 * (day.weekday() < 5)))

    found = ahead(history, on(today), month_of(today), cap=Decimal(105))

    assert found is not None
    assert found.hits_at is not None
    assert local_day(found.hits_at, "UTC") == date(2026, 11, 16)


def test_a_cap_that_is_used_up_or_lasts_has_no_date():
    today = date(2026, 11, 12)
    history = a_history(date(2026, 9, 1), today)

    for cap in (Decimal(0), Decimal(20), NEVER):
        found = ahead(history, on(today), month_of(today), cap=cap)
        assert found is not None
        assert found.hits_at is None


def test_a_day_that_is_missing_cost_nothing():
    today = date(2026, 11, 12)
    working = [one for one in a_history(date(2026, 9, 1), today) if one.day.weekday() < 5]
    filled = a_history(date(2026, 9, 1), today, lambda day: Decimal(10 * (day.weekday() < 5)))

    assert ahead(working, on(today), month_of(today)) == ahead(filled, on(today), month_of(today))


def test_a_level_that_moved_is_followed():
    today = date(2026, 11, 15)
    moved = date(2026, 11, 5)
    history = a_history(date(2026, 8, 1), today, lambda day: Decimal(40 if day >= moved else 10))

    found = ahead(history, on(today), month_of(today))

    assert found is not None
    assert Decimal(950) < found.expected < Decimal(1200)


def test_one_wild_day_does_not_carry_it_away():
    today = date(2026, 11, 15)
    wild = date(2026, 11, 13)
    history = a_history(date(2026, 8, 1), today, lambda day: Decimal(200 if day == wild else 10))

    found = ahead(history, on(today), month_of(today))

    assert found is not None
    assert Decimal(480) < found.expected < Decimal(580)


def test_today_is_counted_once():
    today = date(2026, 11, 12)
    history = a_history(date(2026, 9, 1), today, lambda _: Decimal(10))

    before = ahead(history, on(today), month_of(today))
    noon = ahead(history, on(today, hour=12), month_of(today), so_far=Decimal(10))

    assert before is not None
    assert noon is not None
    assert float(noon.expected) == pytest.approx(float(before.expected))


def test_a_new_workflow_has_a_forecast_of_little_sureness():
    today = date(2026, 11, 12)
    found = ahead(a_history(date(2026, 11, 10), today), on(today), month_of(today))

    assert found is not None
    assert found.sure is Sureness.LOW

    first_day = forecast(Trail([]), Decimal(9), month_of(today), "UTC", NEVER, on(today, hour=12))
    assert first_day is not None
    assert first_day.sure is Sureness.LOW


def test_a_week_has_its_own_end():
    today = date(2026, 11, 12)
    period = period_of(CapKind.WEEKLY, on(today), (Calendar(BEGINNING, "UTC"),))

    found = ahead(a_history(date(2026, 9, 1), today), on(today), period)

    assert found is not None
    assert float(found.expected) == pytest.approx(sum(WORKING), rel=0.03)


def test_a_day_is_over_before_its_third():
    today = date(2026, 11, 12)
    period = period_of(CapKind.DAILY, on(today), (Calendar(BEGINNING, "UTC"),))

    assert ahead(a_history(date(2026, 9, 1), today), on(today, hour=23), period) is None


def test_a_total_cap_is_looked_at_three_months_ahead():
    today = date(2026, 11, 12)
    life = Period(CapKind.TOTAL, on(date(2026, 10, 1)), FOREVER)
    history = a_history(date(2026, 10, 1), today, lambda _: Decimal(10))

    found = ahead(history, on(today), life, cap=Decimal(600))

    assert found is not None
    assert found.until == on(today) + AHEAD
    assert found.hits_at is not None
    assert abs(found.hits_at - on(date(2026, 11, 30))) < timedelta(days=1)
    far = ahead(history, on(today), life, cap=Decimal(6000))
    assert far is not None
    assert far.hits_at is None


def test_the_range_holds_most_months():
    dice = random.Random(7)
    held = []
    for _ in range(60):
        series = a_history(
            date(2026, 7, 1),
            date(2026, 12, 1),
            lambda day: Decimal(
                str(round(WORKING[day.weekday()] * dice.lognormvariate(0, 0.5), 2))
            ),
        )
        today = date(2026, 11, dice.choice((4, 8, 15, 22)))
        found = ahead([one for one in series if one.day < today], on(today), month_of(today))
        assert found is not None
        outcome = sum(one.spent for one in series if one.day >= date(2026, 11, 1))
        held.append(found.low <= outcome <= found.high)
    assert sum(held) >= 0.8 * len(held)


MONEY = st.one_of(
    st.just(Decimal(0)), st.decimals("0", 10**15, places=9), st.decimals("-1000", 10**6, places=9)
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(MONEY, max_size=40),
    st.lists(st.integers(1, 130), max_size=40, unique=True),
    MONEY,
    MONEY,
    st.integers(2 * 24, 30 * 24 - 1),
    st.sampled_from([CapKind.MONTHLY, CapKind.TOTAL]),
)
def test_whatever_the_numbers_the_parts_agree(costs, ago, spent, cap, hours, kind):
    zone = "Europe/Berlin"
    period = month_of(date(2026, 10, 2), zone)
    if kind is CapKind.TOTAL:
        period = Period(kind, period.start, FOREVER)
    now = period.start + timedelta(hours=hours + 1)
    today = local_day(now, zone)
    days = [Day(today - timedelta(days=n), cost) for n, cost in zip(ago, costs, strict=False)]

    found = forecast(Trail(days), spent, period, zone, cap, now)
    more = forecast(Trail(days), spent + 7, period, zone, cap, now)

    if found is None:
        return
    assert spent <= found.low <= found.expected <= found.high
    assert more is not None
    assert more.expected >= found.expected
    assert found.hits_at is None or now <= found.hits_at < found.until <= period.end
    assert found.hits_at is None or spent < cap <= found.expected
    assert (found.hits_at is None) or more.hits_at is None or more.hits_at <= found.hits_at
