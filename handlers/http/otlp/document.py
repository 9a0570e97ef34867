"""What the doors for OTLP take and answer, as `/docs` shows it."""

from typing import Any

from bot.sources import Signal
from handlers.http.otlp.answers import JSON, PROTOBUF

_MESSAGES = {
    Signal.LOGS: "ExportLogsServiceRequest",
    Signal.SPANS: "ExportTraceServiceRequest",
    Signal.METRICS: "ExportMetricsServiceRequest",
}
_NOES = {
    400: "The body is no such message: do not send it again",
    401: "No valid API key",
    408: "The body took more than 30 seconds to come",
    413: "More than 16 MB, unpacked",
    415: "Neither protobuf nor JSON, or neither plain nor gzip",
    503: "Busy: send it again after `Retry-After`; what is booked already counts once",
}
_OBJECT = {"type": "object"}
_BYTES = {"type": "string", "format": "binary"}


def document(signal: Signal) -> dict[str, Any]:
    """For the route that describes the door."""
    taken = "Taken. `partialSuccess` says how many were rejected, and why, if any were."
    status = {JSON: {"schema": _OBJECT}, PROTOBUF: {"schema": _BYTES}}
    answers: dict[int | str, dict[str, Any]] = {200: {"description": taken, "content": status}}
    noes = {code: {"description": why, "content": status} for code, why in _NOES.items()}
    named = {"description": f"OpenTelemetry's {_MESSAGES[signal]}"}
    body = {JSON: {"schema": _OBJECT | named}, PROTOBUF: {"schema": _BYTES | named}}
    return {
        "tags": ["telemetry"],
        "responses": answers | noes,
        "openapi_extra": {"requestBody": {"required": True, "content": body}},
    }
