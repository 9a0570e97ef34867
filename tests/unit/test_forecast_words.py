"""A forecast in words: no more exact than it is."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.cards.forecasts import about, foreseen, worth_saying
from bot.forecast import Forecast, Sureness

UNTIL = datetime(2026, 11, 29, 23, tzinfo=UTC)


def a_forecast(expected, low, high, hits_at=None):
    known = Decimal(expected), Decimal(low), Decimal(high)
    return Forecast(*known, UNTIL, hits_at, Sureness.GOOD)


def test_ends_that_are_alike_are_one_figure():
    said = foreseen(a_forecast("269.1", "268.9", "269.4"), Decimal(300), "Europe/Berlin")

    assert said.startswith("Forecast about $269 by")
    assert "(sure), inside the cap." in said


@pytest.mark.parametrize(
    ("zone", "said"),
    [("Europe/Berlin", "13:00 CET"), ("Asia/Kolkata", "18:00 IST"), ("America/New_York", "07:00")],
)
def test_a_cap_is_hit_about_a_whole_hour(zone, said):
    assert f" {said}" in about(datetime(2026, 11, 28, 12, 19, 59, tzinfo=UTC), zone)


@pytest.mark.parametrize(
    ("expected", "cap", "worth"),
    [("0.0035", "250", False), ("0.99", "250", False), ("0.50", "20", True), ("1", "900", True)],
)
def test_a_forecast_of_next_to_nothing_is_not_said(expected, cap, worth):
    assert worth_saying(a_forecast(expected, 0, 1), Decimal(cap)) is worth
