"""Whose bill a row of a FOCUS file is: the account that provider and service stand for."""

import re
from typing import NamedTuple

from bot.providers import standard_provider

AI_CATEGORY = "ai and machine learning"


class Provider(NamedTuple):
    """`words`: one of them is in the provider's name. `ai`: the account of its AI services; `rest`:
    of all others. `services`: of a service with these words in its name, which is an AI service
    whatever category the file gives it. All in small letters.
    """

    words: tuple[str, ...]
    ai: str
    rest: str
    services: tuple[tuple[str, str], ...] = ()


# Accounts are named as OpenTelemetry names providers, so that a bill meets the realtime records of
# the same provider. Models from a cloud's marketplace are “… (Amazon Bedrock Edition)” there, in
# whatever category.
PROVIDERS = (
    Provider(
        ("aws", "amazon"), "aws.bedrock", "aws", (("bedrock", "aws.bedrock"), ("sagemaker", "aws"))
    ),
    Provider(
        ("microsoft", "azure"),
        "azure.ai.openai",
        "azure",
        (("openai", "azure.ai.openai"), ("foundry", "azure.ai.inference")),
    ),
    Provider(
        ("google", "gcp"),
        "gcp.vertex_ai",
        "gcp",
        (("gemini api", "gcp.gemini"), ("vertex ai", "gcp.vertex_ai")),
    ),
    Provider(("github",), "github.copilot", "github", (("copilot", "github.copilot"),)),
    Provider(("cursor", "anysphere"), "cursor", "cursor"),
    Provider(("x.ai", "xai"), "x_ai", "x_ai"),
    Provider(("ibm",), "ibm.watsonx.ai", "ibm", (("watsonx", "ibm.watsonx.ai"),)),
    *(
        Provider((name,), account, account)
        for name, account in (
            ("anthropic", "anthropic"),
            ("openai", "openai"),
            ("openrouter", "openrouter"),
            ("mistral", "mistral_ai"),
            ("cohere", "cohere"),
            ("groq", "groq"),
            ("deepseek", "deepseek"),
            ("perplexity", "perplexity"),
        )
    ),
)
_WORD = re.compile(r"[a-z0-9.]*[a-z0-9]")
_LONGEST = 100


class Whose(NamedTuple):
    account: str
    is_ai: bool


def whose(provider: str, service: str, category: str) -> Whose:
    """A provider that is not in the table is an account by its own name, in small letters."""
    words, called = set(_WORD.findall(provider.casefold())), service.casefold()
    found = next((one for one in PROVIDERS if words & set(one.words)), None)
    is_ai = category.strip().casefold() == AI_CATEGORY
    if found is None:
        name = standard_provider(provider)
        return Whose("-".join(name.split())[:_LONGEST], is_ai)
    for word, account in found.services:
        if word in called:
            return Whose(account, is_ai=True)
    return Whose(found.ai if is_ai else found.rest, is_ai)
