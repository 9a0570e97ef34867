"""Claude Code: the log event `api_request`, of one call each."""

from bot.telemetry.attributes import COMMON, Attributes, count, micro_usd, text, usd
from bot.telemetry.records import Measured, Origin, Record, sent_usage
from bot.usage import SentUsage

CLIENT = "claude-code"
EVENTS = ("api_request", "claude_code.api_request")
SPAN = "claude_code.llm_request"
NAMED = COMMON | {
    "model",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_creation_tokens",
    "cost_usd",
    "cost_usd_micros",
    "request_id",
    "event.sequence",
}


def sends(origin: Origin) -> bool:
    return origin.service == CLIENT or origin.scope.startswith("com.anthropic.claude_code")


def read_log(record: Record) -> SentUsage | None:
    return _read(record, _id(record))


def read_span(record: Record) -> SentUsage | None:
    if record.name != SPAN:
        return None
    return _read(record, text(record.attributes, "request_id") or record.id)


def _read(record: Record, id: str) -> SentUsage:  # noqa: A002
    model = plain_model(text(record.attributes, "model"))
    return sent_usage(record, id, provider_of(model), model, _measured(record.attributes))


def plain_model(model: str) -> str:
    """Without the mark of a long context window: the same model has one name."""
    return model.removesuffix("[1m]")


def provider_of(model: str) -> str:
    """By the way clouds name the models; the client does not say which serves it."""
    if "anthropic." in model or model.startswith("arn:"):
        return "aws.bedrock"
    return "gcp.vertex_ai" if "@" in model else "anthropic"


def _id(record: Record) -> str:
    said = record.attributes
    request = text(said, "request_id")
    if request:
        return request
    session = text(said, "session.id") or record.origin.run
    return f"{session}|{text(said, 'event.sequence') or record.at}" if session else ""


def _measured(said: Attributes) -> Measured:
    read, written = count(said, "cache_read_tokens"), count(said, "cache_creation_tokens")
    plain = count(said, "input_tokens")
    cost = micro_usd(said, "cost_usd_micros")
    return Measured(
        # It does not count what came from or went to a cache as input.
        None if plain is None else plain + (read or 0) + (written or 0),
        count(said, "output_tokens"),
        read,
        written,
        usd(said, "cost_usd") if cost is None else cost,
    )
