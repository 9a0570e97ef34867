"""The Claude API and SDKs: both sides tell of the same request, by the same id."""

from msgspec.structs import replace

from bot.telemetry import genai
from bot.telemetry.attributes import text
from bot.telemetry.records import Origin, Record
from bot.usage import SentUsage

CLIENT = "claude-platform"
_REQUEST = "anthropic.request.id"
NAMED = genai.NAMED | {_REQUEST}


def sends(origin: Origin) -> bool:
    return origin.service == CLIENT or origin.scope.startswith(
        ("com.anthropic.claude-platform", "com.anthropic.sdk.")
    )


def read_span(record: Record) -> SentUsage | None:
    sent = genai.read_span(record)
    request = text(record.attributes, _REQUEST)
    return replace(sent, id=request) if sent is not None and request else sent
