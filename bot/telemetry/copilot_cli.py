"""Copilot CLI: spans by the conventions. What `github.copilot.cost` counts is not said anywhere."""

from msgspec.structs import replace

from bot.telemetry import genai
from bot.telemetry.records import Origin, Record
from bot.usage import SentUsage

CLIENT = "copilot-cli"
_GITHUB = "github"
_ACCOUNT = "github.copilot"


def sends(origin: Origin) -> bool:
    return origin.service == "github-copilot" or origin.scope == "github.copilot"


def read_span(record: Record) -> SentUsage | None:
    sent = genai.read_span(record)
    if sent is None or sent.provider != _GITHUB:
        return sent
    return replace(sent, provider=_ACCOUNT)
