from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.charges import Stretch, nanos_on, utc_days

BEGUN = datetime(2026, 11, 16, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(), timedelta(days=3)).map(lambda passed: BEGUN + passed)
LENGTHS = st.timedeltas(timedelta(microseconds=1), timedelta(days=40))
STRETCHES = st.builds(lambda start, length: Stretch(start, start + length), MOMENTS, LENGTHS)
NANOS = st.integers(-(10**18), 10**18)


@given(NANOS, STRETCHES)
def test_the_days_of_a_charge_add_up_to_it(nanos, of):
    parts = [nanos_on(nanos, of, day) for day in utc_days(of.start, of.end)]

    assert sum(parts) == nanos
    assert all(min(nanos, 0) <= part <= max(nanos, 0) for part in parts)


@given(NANOS, st.integers(1, 40))
def test_whole_days_cost_the_same_but_for_what_is_rounded(nanos, days):
    of = Stretch(BEGUN, BEGUN + timedelta(days=days))

    parts = [nanos_on(nanos, of, day) for day in utc_days(of.start, of.end)]

    assert max(parts) - min(parts) <= 1


def test_a_part_of_a_day_costs_its_part_of_the_time():
    of = Stretch(BEGUN + timedelta(hours=18), BEGUN + timedelta(days=1, hours=18))

    assert [nanos_on(100, of, day) for day in utc_days(of.start, of.end)] == [25, 75]
