"""Gemini CLI: the log event of an answered API call."""

from bot.telemetry.attributes import COMMON, Attributes, count, text
from bot.telemetry.records import Measured, Origin, Record, sent_usage
from bot.usage import SentUsage

CLIENT = "gemini-cli"
EVENT = "gemini_cli.api_response"
_COUNTS = (
    "input_token_count",
    "output_token_count",
    "cached_content_token_count",
    "thoughts_token_count",
    "tool_token_count",
    "total_token_count",
)
NAMED = COMMON | {"event.timestamp", "model", "prompt_id", "auth_type", *_COUNTS}


def sends(origin: Origin) -> bool:
    return CLIENT in {origin.service, origin.scope}


def read_log(record: Record) -> SentUsage | None:
    said = record.attributes
    model = text(said, "model")
    provider = "gcp.vertex_ai" if "vertex" in text(said, "auth_type").lower() else "gcp.gemini"
    return sent_usage(record, _id(record, model), provider, model, _measured(said))


def _measured(said: Attributes) -> Measured:
    inputs, output, cached, thoughts, tools, total = (count(said, name) for name in _COUNTS)
    if inputs is None and output is None:
        return Measured()
    answered = (output or 0) + (thoughts or 0)
    # Prompts of tools are input of their own where the total says so.
    apart = tools and total == (inputs or 0) + answered + tools
    return Measured((inputs or 0) + (tools if tools and apart else 0), answered, cached)


def _id(record: Record, model: str) -> str:
    said = record.attributes
    session = text(said, "session.id") or record.origin.run
    when = text(said, "event.timestamp") or record.at
    counts = "/".join(text(said, name) or "0" for name in _COUNTS[:4])
    return f"{session}|{text(said, 'prompt_id')}|{when}|{model}|{counts}"
