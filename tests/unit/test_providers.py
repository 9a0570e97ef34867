import pytest

from bot.prices import Tokens, price
from bot.providers import bare_model, standard_provider
from tests.builders import MONDAY


@pytest.mark.parametrize(
    ("said", "standard"),
    [
        ("openai", "openai"),
        ("text-completion-openai", "openai"),
        ("bedrock", "aws.bedrock"),
        ("bedrock/converse", "aws.bedrock"),
        ("vertex_ai", "gcp.vertex_ai"),
        ("vertex_ai-anthropic_models", "gcp.vertex_ai"),
        ("azure", "azure.ai.openai"),
        ("azure_ai", "azure.ai.inference"),
        ("gemini", "gcp.gemini"),
        ("XAI", "x_ai"),
        ("our-own", "our-own"),
        ("", ""),
    ],
)
def test_a_provider_has_one_name_whoever_speaks_of_it(said, standard):
    assert standard_provider(said) == standard
    assert standard_provider(standard) == standard


@pytest.mark.parametrize(
    ("provider", "said", "bare"),
    [
        ("openai", "openai/gpt-4o", "gpt-4o"),
        ("bedrock", "bedrock/us.anthropic.claude-sonnet-4-5", "us.anthropic.claude-sonnet-4-5"),
        ("aws.bedrock", "bedrock/converse/x", "converse/x"),
        ("openrouter", "openrouter/openai/gpt-4o", "openai/gpt-4o"),
        ("openrouter", "openai/gpt-4o", "openai/gpt-4o"),
        ("openai", "openai/", "openai/"),
        ("openai", "gpt-4o", "gpt-4o"),
    ],
)
def test_the_provider_before_a_model_is_no_part_of_its_name(provider, said, bare):
    assert bare_model(provider, said) == bare


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "gpt-4o"),
        ("aws.bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("gcp.vertex_ai", "gemini-2.5-pro"),
        ("gcp.gemini", "gemini-2.5-pro"),
        ("azure.ai.openai", "gpt-4o"),
        ("mistral_ai", "mistral-large-latest"),
        ("x_ai", "grok-3"),
    ],
)
def test_prices_are_found_under_the_standard_names(provider, model):
    _, assumed = price(provider, model, Tokens(1000, 100), MONDAY)

    assert not assumed
