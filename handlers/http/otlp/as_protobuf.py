"""OTLP as protobuf. Only named attributes are looked at: prompts and answers never leave here."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Any

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bot.telemetry.attributes import OF_RESOURCE, Attributes, Value
from bot.telemetry.clients import IN_LOGS, IN_SPANS
from bot.telemetry.meters import METERS, TYPES
from bot.telemetry.points import IN_POINTS, Point
from bot.telemetry.records import Origin, Record, origin_of
from handlers.http.otlp.owners import CUMULATIVE, NO_VALUE, TEMPORALITIES, digest
from handlers.http.read import Malformed

TRACE_ID, SPAN_ID = 16, 8


def read_logs(body: bytes) -> Iterator[tuple[Origin, Iterator[Record]]]:
    """By scope. Raises Malformed."""
    for sent in _decoded(ExportLogsServiceRequest, body).resource_logs:
        resource = _attributes(sent.resource.attributes, OF_RESOURCE)
        for scope in sent.scope_logs:
            origin = _origin(resource, scope.scope)
            yield origin, _logs(origin, scope.log_records)


def read_spans(body: bytes) -> Iterator[tuple[Origin, Iterator[Record]]]:
    """By scope. Raises Malformed."""
    for sent in _decoded(ExportTraceServiceRequest, body).resource_spans:
        resource = _attributes(sent.resource.attributes, OF_RESOURCE)
        for scope in sent.scope_spans:
            origin = _origin(resource, scope.scope)
            yield origin, _spans(origin, scope.spans)


def read_points(body: bytes) -> Iterator[Point]:
    """Of the counters that count. Raises Malformed."""
    for sent in _decoded(ExportMetricsServiceRequest, body).resource_metrics:
        resource = _attributes(sent.resource.attributes, OF_RESOURCE)
        whose = _digest(sent.resource.attributes)
        for scope in sent.scope_metrics:
            origin = _origin(resource, scope.scope)
            part = scope.scope
            owner = _digest(part.attributes, whose, part.name.encode(), part.version.encode())
            for metric in scope.metrics:
                if metric.name in METERS:
                    yield from _points(origin, owner, metric)


def _points(origin: Origin, owner: bytes, metric: Any) -> Iterator[Point]:  # noqa: ANN401
    kind = metric.WhichOneof("data")
    if kind not in {"sum", "histogram", "exponential_histogram"}:
        return
    data = getattr(metric, kind)
    if data.aggregation_temporality not in TEMPORALITIES:
        return
    if kind == "sum" and not data.is_monotonic:
        return
    for one in data.data_points:
        if not one.flags & NO_VALUE:
            yield Point(
                origin,
                metric.name,
                _attributes(one.attributes, IN_POINTS),
                _digest((each for each in one.attributes if each.key not in TYPES), owner),
                one.start_time_unix_nano,
                one.time_unix_nano,
                (one.as_int or one.as_double) if kind == "sum" else one.sum,
                data.aggregation_temporality == CUMULATIVE,
            )


def _digest(attributes: Iterable[Any], *before: bytes) -> bytes:
    """Of all of them, in any order: what tells two senders apart may have any name."""
    written = sorted(one.SerializeToString(deterministic=True) for one in attributes)
    return digest((*before, *written))


def _decoded(kind: Any, body: bytes) -> Any:  # noqa: ANN401 - protobuf's classes are made at run time
    try:
        return kind.FromString(body)
    except DecodeError as error:
        raise Malformed("it is no such protobuf message") from error


def _origin(resource: Attributes, scope: Any) -> Origin:  # noqa: ANN401
    return origin_of(resource, scope.name, _attributes(scope.attributes, OF_RESOURCE))


def _logs(origin: Origin, records: Iterable[Any]) -> Iterator[Record]:
    for one in records:
        said = _attributes(one.attributes, IN_LOGS)
        yield Record(
            origin, said, one.time_unix_nano or one.observed_time_unix_nano, one.event_name
        )


def _spans(origin: Origin, spans: Iterable[Any]) -> Iterator[Record]:
    for one in spans:
        said = _attributes(one.attributes, IN_SPANS)
        if said:
            trace = one.trace_id
            here, around = _id(trace, one.span_id), _id(trace, one.parent_span_id)
            yield Record(origin, said, one.end_time_unix_nano, one.name, here, around)


def _id(trace: bytes, one: bytes) -> str:
    """Empty where it is none."""
    return f"{trace.hex()}:{one.hex()}" if len(trace) == TRACE_ID and len(one) == SPAN_ID else ""


def _attributes(pairs: Iterable[Any], named: AbstractSet[str]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for pair in pairs:
        key = pair.key
        if key in named:
            value = pair.value
            # Nearly all are texts and whole numbers; what is left is asked what it is.
            said = value.string_value or value.int_value or _other(value)
            if said is not None:
                found[key] = said
    return found


def _other(value: Any) -> Value | None:  # noqa: ANN401
    kind = value.WhichOneof("value")
    if kind in {"double_value", "int_value", "bool_value", "string_value"}:
        other: Value = getattr(value, kind)
        return other
    return None
