"""Spans by the GenAI conventions, both generations that are in use, and OpenLLMetry's."""

from bot.providers import standard_provider
from bot.telemetry.attributes import COMMON, Attributes, count, text
from bot.telemetry.records import Measured, Record, sent_usage
from bot.usage import SentUsage

# Agents and workflows repeat what their calls have told already.
_INFERENCE = frozenset(("chat", "generate_content", "text_completion", "embeddings"))
_OPERATION = "gen_ai.operation.name"
# OpenLLMetry's own name for it.
_REQUEST = "llm.request.type"
_REQUESTS = frozenset(("chat", "completion", "embedding", "rerank"))

PROVIDER = ("gen_ai.provider.name", "gen_ai.system")
RESPONSE = "gen_ai.response.id"
MODEL = ("gen_ai.response.model", "gen_ai.request.model")
_INPUT = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens")
_OUTPUT = ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens")
_READ = ("gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens")
_WRITTEN = (
    "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
)
_CACHE = frozenset((*_READ, *_WRITTEN))
NAMED = COMMON | {
    RESPONSE,
    _OPERATION,
    _REQUEST,
    *PROVIDER,
    *MODEL,
    *_INPUT,
    *_OUTPUT,
    *_READ,
    *_WRITTEN,
}


def read_span(record: Record) -> SentUsage | None:
    """Without tokens it is a call that nobody measured."""
    said = record.attributes
    if not _is_inference(record):
        return None
    provider = standard_provider(text(said, *PROVIDER))
    return sent_usage(record, record.id, provider, text(said, *MODEL), measured(said))


def _is_inference(record: Record) -> bool:
    operation = record.attributes.get(_OPERATION)
    if operation is not None:
        return operation in _INFERENCE
    if _REQUEST in record.attributes:
        return record.attributes[_REQUEST] in _REQUESTS
    # A program that says tokens and names its span by the conventions, but no operation.
    return record.name.partition(" ")[0] in _INFERENCE and _says_tokens(record.attributes)


def may_be_inference(said: Attributes) -> bool:
    """A point of a counter need not say its operation."""
    return text(said, _OPERATION) in {"", *_INFERENCE}


def _says_tokens(said: Attributes) -> bool:
    return any(name in said for name in (*_INPUT, *_OUTPUT))


def measured(said: Attributes) -> Measured:
    inputs, output = count(said, *_INPUT), count(said, *_OUTPUT)
    if _CACHE.isdisjoint(said):
        return Measured(inputs, output)
    read, written = count(said, *_READ), count(said, *_WRITTEN)
    cached = (read or 0) + (written or 0)
    if inputs is not None and cached > inputs >= 0:
        # More from and to the cache than input at all: this client counts them apart.
        inputs += cached
    return Measured(inputs, output, read, written)
