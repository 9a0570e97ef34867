"""Codex CLI: the log event of a completed response. Two come per turn; one has the tokens."""

from bot.telemetry.attributes import COMMON, Attributes, count, text, written_nanos
from bot.telemetry.records import Measured, Origin, Record, sent_usage
from bot.usage import SentUsage

CLIENT = "codex"
EVENT = "codex.sse_event"
_COMPLETED = "response.completed"
_COUNTS = (
    "input_token_count",
    "output_token_count",
    "cached_token_count",
    "cache_write_token_count",
)
NAMED = COMMON | {"event.kind", "event.timestamp", "model", *_COUNTS}


def sends(origin: Origin) -> bool:
    return origin.service in {CLIENT, "codex-cli"} or origin.service.startswith("codex_")


def read_log(record: Record) -> SentUsage | None:
    said = record.attributes
    if said.get("event.kind") != _COMPLETED or "input_token_count" not in said:
        return None
    timed = _timed(record)
    model = text(said, "model")
    inputs, output, cached, written = (count(said, name) for name in _COUNTS)
    measured = Measured(inputs, output, cached, written)
    return sent_usage(timed, _id(timed, model, measured), "openai", model, measured)


def _timed(record: Record) -> Record:
    """The time of the record itself may be left out."""
    written = None if record.at else written_nanos(record.attributes, "event.timestamp")
    return record if written is None else record._replace(at=written)


def _id(record: Record, model: str, measured: Measured) -> str:
    """It names no response."""
    said: Attributes = record.attributes
    conversation = text(said, "conversation.id") or record.origin.run
    counts = "/".join(str(measured[at] or 0) for at in range(len(_COUNTS)))
    return f"{conversation}|{text(said, 'event.timestamp') or record.at}|{model}|{counts}"
