"""Who sends, and which of its signals counts. The others repeat the same spend."""

from collections.abc import Callable, Iterable

from bot.sources import Signal, SourceSetting
from bot.telemetry import claude_code, claude_platform, codex, copilot_cli, gemini_cli, genai
from bot.telemetry.attributes import text
from bot.telemetry.records import Origin, Record
from bot.usage import SentUsage

Read = Callable[[Record], SentUsage | None]

# Clients that are no programs of one's own. Everything else sends spans by the conventions.
_COUNTS = {
    claude_code.CLIENT: Signal.LOGS,
    codex.CLIENT: Signal.LOGS,
    gemini_cli.CLIENT: Signal.LOGS,
    copilot_cli.CLIENT: Signal.SPANS,
    claude_platform.CLIENT: Signal.SPANS,
}
_KNOWN: dict[str, Callable[[Origin], bool]] = {
    claude_code.CLIENT: claude_code.sends,
    codex.CLIENT: codex.sends,
    gemini_cli.CLIENT: gemini_cli.sends,
    copilot_cli.CLIENT: copilot_cli.sends,
    claude_platform.CLIENT: claude_platform.sends,
}
_SPANS: dict[str, Read] = {
    claude_code.CLIENT: claude_code.read_span,
    copilot_cli.CLIENT: copilot_cli.read_span,
    claude_platform.CLIENT: claude_platform.read_span,
}
_LOGS: dict[str, Read] = {
    claude_code.CLIENT: claude_code.read_log,
    codex.CLIENT: codex.read_log,
    gemini_cli.CLIENT: gemini_cli.read_log,
}

EVENT = "event.name"
IN_LOGS = frozenset({EVENT}) | claude_code.NAMED | codex.NAMED | gemini_cli.NAMED
IN_SPANS = genai.NAMED | claude_code.NAMED | claude_platform.NAMED

_UNNAMED = "unknown_service"


def client_of(origin: Origin) -> str:
    """A family of clients, else what the program calls itself."""
    known = next((client for client, sends in _KNOWN.items() if sends(origin)), None)
    return known or origin.service or _UNNAMED


def client_of_log(record: Record) -> str | None:
    """By the event: the name of a service is anybody's to change. None is no call."""
    event = text(record.attributes, EVENT) or record.name
    if event == codex.EVENT:
        return codex.CLIENT
    if event == gemini_cli.EVENT:
        return gemini_cli.CLIENT
    if event in claude_code.EVENTS and (event != "api_request" or claude_code.sends(record.origin)):
        return claude_code.CLIENT
    return None


def log_reader(client: str) -> Read:
    return _LOGS[client]


def span_reader(client: str) -> Read:
    return _SPANS.get(client, genai.read_span)


class Choice:
    """Which signal counts, by client, unless something else is said of a source."""

    def __init__(self, settings: Iterable[SourceSetting] = ()) -> None:
        self._said = {one.name: one.signal for one in settings if one.signal is not None}

    def counts(self, signal: Signal, source: str, client: str) -> bool:
        usual = _COUNTS.get(client, Signal.SPANS)
        return self._said.get(source, usual) is signal
