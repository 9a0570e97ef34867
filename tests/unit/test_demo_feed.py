from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from handlers.demo.feed import step

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
CAP = Decimal(250)


def costs(number: int, climbed: int) -> Decimal:
    """What one step adds to search-ranking."""
    calls = step(NOW + timedelta(seconds=2 * number), number, climbed)
    return sum(
        (Decimal(one["cost"]) for one in calls if one["workflow"] == "search-ranking"), Decimal(0)
    )


def test_the_demo_climbs_past_its_first_threshold_and_then_slows_down():
    spent = CAP * 30 / 100
    for number in range(30):
        spent += costs(number, int(spent * 100 / CAP))
        assert spent < CAP * 80 / 100
    assert spent > CAP * 75 / 100


@pytest.mark.parametrize("climbed", [72, 29, 0, -2706])
def test_a_credit_booked_after_the_climb_stays(climbed: int):
    assert costs(20, climbed) < Decimal("0.1")


def test_a_demo_started_again_beside_a_large_credit_books_no_more_than_the_cap():
    assert costs(0, -4000) < CAP
