"""OTLP as clients write it: a message as JSON, and the same one as protobuf."""

import base64
import json
from typing import Any

from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.builders import MONDAY

NANOS = int(MONDAY.timestamp()) * 10**9
MINUTE = 60 * 10**9
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
_REQUESTS: dict[str, Any] = {
    "resourceLogs": ExportLogsServiceRequest,
    "resourceSpans": ExportTraceServiceRequest,
    "resourceMetrics": ExportMetricsServiceRequest,
}


def pairs(said: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in said.items()]


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [_value(one) for one in value]}}
    return {"stringValue": value}


def a_log(said: dict[str, Any], at: int = NANOS, **named: Any) -> dict[str, Any]:
    return {"timeUnixNano": str(at), "attributes": pairs(said)} | named


def a_span(said: dict[str, Any], name: str = "chat gpt-4o", **named: Any) -> dict[str, Any]:
    plain = {"traceId": TRACE, "spanId": SPAN, "name": name, "kind": 3}
    times = {"startTimeUnixNano": str(NANOS - MINUTE), "endTimeUnixNano": str(NANOS)}
    return plain | times | {"attributes": pairs(said)} | named


def a_point(value: float | str, said: dict[str, Any], **named: Any) -> dict[str, Any]:
    times = {"startTimeUnixNano": str(NANOS - MINUTE), "timeUnixNano": str(NANOS)}
    return times | {"asDouble": value, "attributes": pairs(said)} | named


def a_counter(name: str, *points: dict[str, Any], cumulative: bool = True) -> dict[str, Any]:
    data = {"aggregationTemporality": 2 if cumulative else 1, "isMonotonic": True}
    return {"name": name, "sum": data | {"dataPoints": list(points)}}


def a_histogram(name: str, *points: dict[str, Any], cumulative: bool = True) -> dict[str, Any]:
    counted = [
        {key: value for key, value in point.items() if key != "asDouble"}
        | {"count": "1", "sum": point["asDouble"]}
        for point in points
    ]
    data = {"aggregationTemporality": 2 if cumulative else 1, "dataPoints": counted}
    return {"name": name, "histogram": data}


def logs(*records, scope: str = "", **resource: Any) -> dict[str, Any]:
    return _message("Logs", "logRecords", records, scope, resource)


def spans(*records, scope: str = "", **resource: Any) -> dict[str, Any]:
    return _message("Spans", "spans", records, scope, resource)


def metrics(*records, scope: str = "", **resource: Any) -> dict[str, Any]:
    return _message("Metrics", "metrics", records, scope, resource)


def _message(kind: str, name: str, records: Any, scope: str, resource: Any) -> dict[str, Any]:
    """The dots of an attribute's name are two underscores."""
    said = {key.replace("__", "."): value for key, value in resource.items()}
    inner = {"scope": {"name": scope}, name: list(records)}
    return {f"resource{kind}": [{"resource": {"attributes": pairs(said)}, f"scope{kind}": [inner]}]}


def as_json(message: dict[str, Any]) -> bytes:
    return json.dumps(message).encode()


def as_protobuf(message: dict[str, Any]) -> bytes:
    (kind,) = message
    written = json.dumps(message)
    for name in (TRACE, SPAN):
        written = written.replace(name, base64.b64encode(bytes.fromhex(name)).decode())
    made: bytes = json_format.Parse(written, _REQUESTS[kind]()).SerializeToString()
    return made
