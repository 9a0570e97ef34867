"""What OTLP answers, each in the encoding of its request."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from fastapi import HTTPException
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsPartialSuccess,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsPartialSuccess,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Status
from starlette.responses import Response

from bot.sources import Signal

PROTOBUF = "application/x-protobuf"
JSON = "application/json"

_REJECTED = {
    Signal.LOGS: "rejectedLogRecords",
    Signal.SPANS: "rejectedSpans",
    Signal.METRICS: "rejectedDataPoints",
}
_PARTIAL: dict[Signal, Callable[[int, str], Any]] = {
    Signal.LOGS: lambda count, why: ExportLogsServiceResponse(
        partial_success=ExportLogsPartialSuccess(rejected_log_records=count, error_message=why)
    ),
    Signal.SPANS: lambda count, why: ExportTraceServiceResponse(
        partial_success=ExportTracePartialSuccess(rejected_spans=count, error_message=why)
    ),
    Signal.METRICS: lambda count, why: ExportMetricsServiceResponse(
        partial_success=ExportMetricsPartialSuccess(rejected_data_points=count, error_message=why)
    ),
}


def success(kind: str, signal: Signal, rejected: int = 0, reason: str = "") -> Response:
    """With what was rejected, and why, where anything was."""
    if not rejected:
        return Response(b"{}" if kind == JSON else b"", media_type=kind)
    if kind == PROTOBUF:
        return Response(_PARTIAL[signal](rejected, reason).SerializeToString(), media_type=kind)
    part = {_REJECTED[signal]: str(rejected), "errorMessage": reason}
    return Response(msgspec.json.encode({"partialSuccess": part}), media_type=kind)


def failure(kind: str, error: HTTPException) -> Response:
    """A `google.rpc.Status` with its message; OTLP does not use the rest."""
    headers: Mapping[str, str] | None = error.headers
    if kind == PROTOBUF:
        # The status of a span has its message in the same field.
        body = Status(message=str(error.detail)).SerializeToString()
        return Response(body, error.status_code, headers, PROTOBUF)
    body = msgspec.json.encode({"message": str(error.detail)})
    return Response(body, error.status_code, headers, JSON)
