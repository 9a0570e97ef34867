from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.money import (
    LARGEST,
    NotMoney,
    as_typed,
    from_nanos,
    percent,
    read_usd,
    say,
    say_however_little,
    say_left,
    say_parts,
    say_percent,
    to_nanos,
)

amounts = st.decimals(0, LARGEST, places=9)
caps = st.decimals("0.01", LARGEST, places=2)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("400", "400"),
        ("$1,200.50", "1200.50"),
        ("1 200 USD", "1200"),
        ("400 USD", "400"),
        ("400 dollars", "400"),
        ("US$ 400", "400"),
        (".5", "0.5"),
    ],
)
def test_an_amount_is_read_as_people_write_it(text, amount):
    assert read_usd(text) == Decimal(amount)


def test_an_amount_is_read_as_it_will_be_stored():
    assert read_usd("$.0000000004") == 0
    assert read_usd("100.0000000004") == 100


@pytest.mark.parametrize("text", ["", "lots", "-5", "1.200,50", "12,00", "400k", "€400", "9" * 60])
def test_anything_else_is_refused(text):
    with pytest.raises(NotMoney):
        read_usd(text)


def test_more_than_the_largest_amount_is_refused_beside_its_field():
    with pytest.raises(NotMoney) as refused:
        read_usd("1,000,000,000.01", field="weekly_cap")

    assert refused.value.field == "weekly_cap"
    assert read_usd("1,000,000,000") == LARGEST


@given(amounts)
def test_what_is_stored_comes_back_exactly(amount):
    assert from_nanos(to_nanos(amount)) == amount


@given(st.lists(amounts, max_size=50))
def test_sums_of_stored_amounts_are_exact(parts):
    assert from_nanos(sum(map(to_nanos, parts))) == sum(parts, Decimal(0))


@pytest.mark.parametrize(
    ("amount", "nanos"),
    [
        ("0.0000000005", 0),
        ("0.0000000015", 2),
        ("0.00000000050000000000000000000000001", 1),
        ("-0.0000000015", -2),
        ("0.1", 100_000_000),
    ],
)
def test_a_cost_is_rounded_once_half_to_even(amount, nanos):
    assert to_nanos(Decimal(amount)) == nanos


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "$0.00"),
        ("1250.5", "$1,250.50"),
        ("0.0042", "$0.0042"),
        ("0.00421", "$0.0042"),
        ("0.01", "$0.01"),
        ("-5", "−$5.00"),
        ("0.125", "$0.12"),
        ("999999.995", "$1,000,000.00"),
    ],
)
def test_an_amount_is_said_to_the_cent_and_small_ones_to_four_digits(amount, words):
    assert say(Decimal(amount)) == words


@pytest.mark.parametrize(
    ("left", "words"),
    [
        ("95", "$95.00 left"),
        ("0", "$0.00 left"),
        ("-0.000000001", "$0.00 left"),
        ("-0.004", "$0.00 left"),
        ("-0.01", "$0.01 over"),
        ("-5", "$5.00 over"),
        ("0.004", "$0.0040 left"),
    ],
)
def test_more_than_all_is_spent_only_where_it_shows(left, words):
    assert say_left(Decimal(left)) == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("60.000000000", "60"),
        ("60.500000000", "60.50"),
        ("1200", "1200"),
        ("0.004200000", "0.0042"),
        ("0", "0"),
    ],
)
def test_an_amount_is_filled_in_as_people_write_it(amount, words):
    assert as_typed(Decimal(amount)) == words
    assert read_usd(as_typed(Decimal(amount))) == Decimal(amount)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "$0.00"),
        ("1250.504", "$1,250.50"),
        ("-0.0042", "−$0.0042"),
        ("0.0000999", "$0.0000999"),
        ("-0.000000001", "−$0.000000001"),
    ],
)
def test_where_all_of_it_counts_an_amount_is_said_however_little_it_is(amount, words):
    assert say_however_little(Decimal(amount)) == words


@given(caps)
def test_what_is_said_is_read_back(amount):
    assert read_usd(say(amount)) == amount


@given(spent=amounts, cap=caps, threshold=st.integers(1, 1_000))
def test_a_percentage_has_reached_a_threshold_when_the_spend_has(spent, cap, threshold):
    assert (percent(spent, cap) >= threshold) == (spent * 100 >= cap * threshold)


def test_of_nothing_there_is_no_percentage():
    assert percent(Decimal(5), Decimal(0)) == 0


def read_back(said):
    return Decimal(said.replace("−", "-").replace("$", "").replace(",", ""))


signed = st.one_of(
    st.decimals(-LARGEST, LARGEST, places=9), st.decimals("-0.03", "0.03", places=9), amounts
)


@given(st.lists(signed, max_size=8))
def test_parts_as_shown_add_up_to_the_total_as_shown(parts):
    whole = sum(parts, Decimal(0))

    said = [read_back(one) for one in say_parts(parts)]

    assert sum(said, Decimal(0)) == read_back(say(whole))
    assert all(abs(one - part) < Decimal("0.01") for one, part in zip(said, parts, strict=True))


@given(st.lists(st.decimals(-LARGEST, LARGEST, places=2), max_size=8))
def test_parts_in_whole_cents_are_shown_as_they_are(parts):
    if sum(parts, Decimal(0)):
        assert say_parts(parts) == tuple(map(say, parts))


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        pytest.param(("18.124", "0", "12.004"), ("$18.13", "$0.00", "$12.00"), id="a cent short"),
        pytest.param(("1.006", "1.006"), ("$1.01", "$1.00"), id="a cent over"),
        pytest.param(("10", "-2.004"), ("$10.00", "−$2.00"), id="a discount"),
        pytest.param(("0.004", "-0.004"), ("$0.0040", "−$0.0040"), id="nothing in all"),
        pytest.param(("0.0042", "0"), ("$0.0042", "$0.00"), id="below a cent"),
        pytest.param(("5", "-4.9958"), ("$5.0000", "−$4.9958"), id="nearly nothing left"),
        pytest.param(("-0.001", "5"), ("$0.00", "$5.00"), id="no nought below nought"),
        pytest.param((), (), id="none"),
    ],
)
def test_the_part_that_rounding_takes_most_from_gets_the_cent(parts, said):
    assert say_parts(tuple(map(Decimal, parts))) == said


@pytest.mark.parametrize(("per_cent", "said"), [(62, "62 %"), (0, "0 %"), (-5, "−5 %")])
def test_a_share_below_nothing_has_the_minus_of_amounts(per_cent, said):
    assert say_percent(per_cent) == said
