from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.list_prices import listed_output
from bot.tiers import MOST_LOOKED_UP, STEPS, Tier, TierRule, by_tier, tier_of

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
RULES = (
    TierRule(Tier.CHEAP, "claude-haiku-*"),
    TierRule(Tier.PREMIUM, "Claude-*"),
    TierRule(Tier.STANDARD, "our-llama"),
)


@pytest.mark.parametrize(
    ("model", "tier"),
    [
        ("claude-haiku-4-5", Tier.CHEAP),
        ("CLAUDE-sonnet-4-5", Tier.PREMIUM),
        ("our-llama", Tier.STANDARD),
        ("our-llama-2", None),
    ],
)
def test_the_first_rule_that_fits_says_the_tier(model, tier):
    assert tier_of(model, RULES, AT) is tier


@pytest.mark.parametrize(
    ("model", "tier"),
    [
        pytest.param("claude-haiku-4-5", Tier.CHEAP, id="$5"),
        pytest.param("claude-sonnet-4-5", Tier.STANDARD, id="$15"),
        pytest.param("claude-opus-4-1", Tier.PREMIUM, id="$75"),
        pytest.param("Claude-Opus-4-1 ", Tier.PREMIUM, id="capital letters"),
        pytest.param("text-embedding-3-small", Tier.CHEAP, id="no output"),
        pytest.param("anthropic/claude-opus-4-1", Tier.PREMIUM, id="behind a provider"),
        pytest.param("bedrock/eu/anthropic.claude-opus-4-1", Tier.PREMIUM, id="and a region"),
        pytest.param("nobody-has-heard-of-it", None, id="unknown"),
        pytest.param("", None, id="no name"),
        pytest.param("/" * 3_000, None, id="slashes"),
        pytest.param("\u202e\x00<!channel>", None, id="hostile"),
    ],
)
def test_else_its_output_s_list_price_does(model, tier):
    assert tier_of(model, (), AT) is tier


@given(st.text(max_size=300))
def test_any_name_has_a_tier_exactly_if_it_has_a_price(model):
    assert (tier_of(model, (), AT) is None) == (listed_output(model, AT) is None)


def test_the_steps_rise():
    assert [most for most, _ in STEPS] == sorted(most for most, _ in STEPS)


def test_spend_is_told_by_tier_the_dearest_first():
    models = [
        ("claude-haiku-4-5", Decimal("0.5")),
        ("nobody-has-heard-of-it", Decimal(1)),
        ("claude-opus-4-1", Decimal(80)),
        ("o1-pro", Decimal(8)),
    ]

    found = by_tier(models, (), AT)

    assert list(found.items()) == [
        (Tier.PREMIUM, Decimal(88)),
        (Tier.CHEAP, Decimal("0.5")),
        (None, Decimal(1)),
    ]
    assert by_tier([], RULES, AT) == {}


def test_names_of_models_without_end_are_not_all_looked_up():
    models = [("our-llama", Decimal(1))] * 100_000

    assert by_tier(models, RULES, AT) == {
        Tier.STANDARD: Decimal(MOST_LOOKED_UP),
        None: Decimal(100_000 - MOST_LOOKED_UP),
    }
