"""Who serves a model: the names of OpenTelemetry's GenAI conventions, whatever a client says."""

from functools import lru_cache

_ALSO_KNOWN_AS = {
    "anthropic": ("anthropic_text",),
    "aws.bedrock": ("bedrock", "bedrock_converse", "bedrock_mantle", "amazon_bedrock"),
    "azure.ai.inference": ("azure_ai", "az.ai.inference"),
    "azure.ai.openai": ("azure", "azure_openai", "azure_text", "az.ai.openai"),
    "cohere": ("cohere_chat",),
    "gcp.gemini": ("gemini", "google_ai_studio", "google-gla"),
    "gcp.vertex_ai": ("vertex_ai", "vertex_ai_beta", "vertexai", "google_vertex", "google-vertex"),
    "github.copilot": ("github_copilot", "github-copilot"),
    "ibm.watsonx.ai": ("watsonx", "watsonx_text"),
    "mistral_ai": ("mistral", "mistralai", "codestral", "text-completion-codestral"),
    "ollama": ("ollama_chat",),
    "openai": ("aiohttp_openai", "text-completion-openai"),
    "x_ai": ("xai", "x-ai"),
}
_STANDARD = {name: standard for standard, names in _ALSO_KNOWN_AS.items() for name in names}
# A gateway names its ways into one vendor apart: `vertex_ai-anthropic_models`.
_FAMILIES = {"vertex_ai-": "gcp.vertex_ai", "bedrock/": "aws.bedrock"}

# Where the table of prices has another name.
_PRICED_AS = {
    "azure.ai.inference": "azure",
    "azure.ai.openai": "azure",
    "fireworks_ai": "fireworks",
    "gcp.gen_ai": "google",
    "x_ai": "x-ai",
}


# Longer than any name that is kept: what is remembered stays small, whatever is sent.
_LONGEST = 256


def standard_provider(name: str) -> str:
    """A name that nobody knows stays as it is, in small letters, cut off after 256."""
    return _standard(name[:_LONGEST])


@lru_cache(maxsize=1024)
def _standard(name: str) -> str:
    plain = name.strip().lower()
    family = (standard for start, standard in _FAMILIES.items() if plain.startswith(start))
    return _STANDARD.get(plain) or next(family, plain)


def priced_as(provider: str) -> str:
    """What the table of prices calls it."""
    return _PRICED_AS.get(provider, provider)


def bare_model(provider: str, model: str) -> str:
    """A gateway puts the provider before the model's own name: `openai/gpt-4o`."""
    start, slash, rest = model.partition("/")
    named = slash and rest and standard_provider(start) == standard_provider(provider)
    return rest if named else model
