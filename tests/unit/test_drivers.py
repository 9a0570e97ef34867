"""What changed between two stretches of spend."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.drivers import Cause, Driver, Mix, Used, changed

CHEAP, DEAR = "haiku", "opus"


def used(cost, records, tokens=0):
    return Used(Decimal(cost), records, tokens, 0)


BEFORE = Mix({CHEAP: used(100, 100, 10_000)}, {"U0ANA": used(50, 50), "U0SAM": used(50, 50)})


def biggest(after, before=BEFORE):
    return changed(before, after)[0]


def test_more_records_are_volume():
    after = Mix({CHEAP: used(300, 300, 30_000)})

    assert changed(BEFORE, after) == (
        Driver(Cause.VOLUME, Decimal(200), Decimal(100), Decimal(300)),
    )


def test_the_person_who_made_most_of_the_volume_is_named():
    after = Mix({CHEAP: used(300, 300, 30_000)}, {"U0ANA": used(240, 240), "U0SAM": used(60, 60)})

    assert biggest(after) == Driver(Cause.PERSON, Decimal(190), Decimal(50), Decimal(240), "U0ANA")


def test_longer_requests_are_tokens():
    after = Mix({CHEAP: used(250, 100, 25_000)})

    assert biggest(after) == Driver(Cause.TOKENS, Decimal(150), Decimal(100), Decimal(250))


def test_another_model_for_the_same_is_the_model():
    after = Mix({CHEAP: used(50, 50, 5_000), DEAR: used(500, 50, 5_000)})

    assert biggest(after) == Driver(Cause.MODEL, Decimal(450), Decimal(0), Decimal(50), DEAR)


def test_the_same_at_another_price_is_the_price():
    after = Mix({CHEAP: used(150, 100, 10_000)})

    assert biggest(after) == Driver(Cause.PRICE, Decimal(50), Decimal(10_000), Decimal(15_000))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(Mix(), Mix(), id="nothing at all"),
        pytest.param(BEFORE, BEFORE, id="the same"),
    ],
)
def test_no_difference_has_no_cause(before, after):
    assert changed(before, after) == ()


def test_where_nothing_was_before_all_is_volume():
    assert biggest(BEFORE, before=Mix()).amount > 0
    assert {one.cause for one in changed(Mix(), BEFORE)} <= {Cause.VOLUME, Cause.PERSON}


USED = st.builds(
    Used,
    st.decimals("-1000", 10**9, places=9),
    st.integers(0, 10**9),
    st.integers(0, 10**12),
    st.integers(0, 10**12),
)
MIX = st.builds(
    Mix,
    st.dictionaries(st.sampled_from(["haiku", "sonnet", "opus"]), USED),
    st.dictionaries(st.sampled_from(["U0ANA", "U0SAM", ""]), USED),
)


@given(MIX, MIX)
def test_the_parts_add_up_to_the_difference(before, after):
    parts = changed(before, after)

    assert sum((one.amount for one in parts), Decimal(0)) == after.cost - before.cost
    amounts = [abs(one.amount) for one in parts]
    assert amounts == sorted(amounts, reverse=True)
