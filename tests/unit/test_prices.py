from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from genai_prices import Usage, calc_price
from genai_prices.data import providers
from genai_prices.types import ModelPrice, StartDateConstraint, TimeOfDateConstraint
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.prices import Tokens, price
from tests.builders import MONDAY

NANO = Decimal("1e-9")
DAY = timedelta(days=1)
MODELS = [(provider.id, model.id) for provider in providers for model in provider.models]


def test_a_call_costs_what_the_table_says():
    assert price("openai", "gpt-4o", Tokens(1_000_000, 1_000_000), MONDAY) == (
        12_500_000_000,
        False,
    )


def test_the_provider_may_be_left_out():
    assert price("", "claude-sonnet-4-5", Tokens(1000, 50), MONDAY) == price(
        "anthropic", "claude-sonnet-4-5", Tokens(1000, 50), MONDAY
    )


def test_an_unknown_provider_does_not_hide_a_known_model():
    assert price("our-gateway", "gpt-4o", Tokens(1000), MONDAY) == (2_500_000, False)


@given(
    model=st.sampled_from(MODELS),
    tokens=st.tuples(*[st.integers(0, 400_000)] * 4),
    at=st.integers(0, 1400).map(lambda days: datetime(2023, 1, 1, 13, 7, tzinfo=UTC) + days * DAY),
)
def test_every_price_is_the_librarys_own_to_the_nano_dollar(model, tokens, at):
    plain, output, read, written = tokens
    counted = Tokens(plain + read + written, output, read, written)
    usage = Usage(
        input_tokens=counted.input,
        output_tokens=output,
        cache_read_tokens=read,
        cache_write_tokens=written,
    )
    try:
        theirs = calc_price(usage, model[1], provider_id=model[0], genai_request_timestamp=at)
    except (LookupError, ValueError):
        assume(False)
    listed = theirs.model_price
    assume(listed.input_mtok is not None or not counted.input)
    assume(listed.output_mtok is not None or not output)

    ours, assumed = price(model[0], model[1], counted, at)

    exact = theirs.total_price.quantize(NANO, rounding=ROUND_HALF_EVEN)
    assert (Decimal(ours).scaleb(-9), assumed) == (exact, False)


def test_a_new_model_costs_what_its_providers_dearest_does():
    assumed = price("anthropic", "claude-of-next-year", Tokens(1_000_000), MONDAY)

    assert assumed[1]
    assert assumed[0] >= price("anthropic", "claude-opus-4-1", Tokens(1_000_000), MONDAY)[0]


def test_a_model_nobody_knows_costs_what_the_dearest_of_all_does():
    nobody, _ = price("", "mystery", Tokens(1_000_000, 1_000_000), MONDAY)
    anthropic, _ = price("anthropic", "mystery", Tokens(1_000_000, 1_000_000), MONDAY)

    assert nobody >= anthropic > 0


@given(
    provider=st.sampled_from(["", *(each.id for each in providers)]),
    model=st.text(max_size=30),
    tokens=st.integers(1_000, 10**9),
)
def test_what_has_no_price_is_never_free(provider, model, tokens):
    nanos, assumed = price(provider, f"{model} of nobody", Tokens(tokens, tokens), MONDAY)

    assert not assumed or nanos > 0


@pytest.mark.parametrize(
    ("provider", "model"), [("groq", "whisper-large-v3"), ("elevenlabs", "eleven_v3")]
)
def test_tokens_of_a_model_that_sells_no_tokens_are_assumed(provider, model):
    nanos, assumed = price(provider, model, Tokens(1_000, 1_000), MONDAY)

    assert assumed
    assert nanos > 0


def test_the_dearest_model_is_the_same_whoever_asks_and_when_that_day():
    morning = MONDAY.replace(hour=1)
    assert price("", "mystery", Tokens(5), morning) == price("", "enigma", Tokens(5), MONDAY)


def test_a_price_holds_from_its_date():
    """OpenAI's o3 became cheaper on 10 June 2025."""
    cheaper = datetime(2025, 6, 10, tzinfo=UTC)

    before, _ = price("openai", "o3", Tokens(1_000_000), cheaper - timedelta(seconds=1))
    since, _ = price("openai", "o3", Tokens(1_000_000), cheaper)

    assert (before, since) == (10_000_000_000, 2_000_000_000)


def test_a_price_may_depend_on_the_time_of_day():
    """deepseek-chat is cheaper from 16:30 to 00:30 UTC."""
    day, night = MONDAY.replace(hour=16, minute=29), MONDAY.replace(hour=16, minute=30)

    assert (
        price("deepseek", "deepseek-chat", Tokens(1_000_000), day)[0]
        == 2 * price("deepseek", "deepseek-chat", Tokens(1_000_000), night)[0]
    )


def test_no_price_changes_within_a_quarter_of_an_hour():
    """Prices are remembered by the quarter of an hour."""
    constraints = [
        each.constraint
        for provider in providers
        for model in provider.models
        if not isinstance(model.prices, ModelPrice)
        for each in model.prices
        if each.constraint is not None
    ]
    assert {type(each) for each in constraints} <= {StartDateConstraint, TimeOfDateConstraint}
    for each in constraints:
        if isinstance(each, TimeOfDateConstraint):
            assert all(at.minute % 15 == 0 == at.second for at in (each.start_time, each.end_time))
