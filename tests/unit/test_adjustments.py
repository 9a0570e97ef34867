from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adjustments import Adjustment, counter_to, read_amount, usage_of
from bot.money import NotMoney, say
from bot.sources import Kind
from bot.usage import CostBasis
from tests.builders import FIN, MONDAY

ONE = Adjustment("a-1", "search-ranking", Decimal("-120.5"), MONDAY, "A credit.", FIN, MONDAY)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("120", "120"),
        ("+120", "120"),
        ("-120", "-120"),
        ("−120.50", "-120.50"),
        ("–120", "-120"),
        ("- 120", "-120"),
        ("-$1,200.50", "-1200.50"),
        ("$-5", "-5"),
        ("USD -5", "-5"),
        ("-5 USD", "-5"),
        ("  -.5 ", "-0.5"),
        ("0", "0"),
    ],
)
def test_an_amount_may_have_a_sign(text, amount):
    assert read_amount(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    ["", "-", "--5", "-$-5", "+-5", "5-", "-5-5", "(5)", "minus 5", "-1e3", "-1,2", "-99999999999"],
)
def test_what_is_no_amount_is_refused_beside_its_field(text):
    with pytest.raises(NotMoney) as refused:
        read_amount(text, field="amount")

    assert refused.value.field == "amount"


@given(st.decimals(min_value=-(10**6), max_value=10**6, places=2))
def test_what_is_shown_can_be_entered(amount):
    assert read_amount(f"{amount:f}") == amount
    if abs(amount) >= Decimal("0.01"):
        assert read_amount(say(amount)) == amount


def test_it_is_booked_for_the_workflow_whatever_the_rules_say():
    usage = usage_of(ONE)

    assert (usage.source, usage.kind, usage.basis) == ("adjustments", Kind.MANUAL, CostBasis.BILLED)
    assert (usage.workflow, usage.assigned, usage.cost) == (
        "search-ranking",
        True,
        Decimal("-120.5"),
    )


def test_the_counter_entry_takes_back_exactly_that_on_the_same_day():
    usage, counter = usage_of(ONE), counter_to(ONE)

    assert (usage.nanos or 0) + (counter.nanos or 0) == 0
    assert (counter.at, counter.workflow) == (usage.at, usage.workflow)
    assert counter.id != usage.id
