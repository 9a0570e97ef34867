"""Counters in OTLP's JSON. Every attribute tells one from another, so none is skipped."""

from collections.abc import Iterable, Iterator

import msgspec

from bot.telemetry.attributes import OF_RESOURCE
from bot.telemetry.meters import METERS, TYPES
from bot.telemetry.points import IN_POINTS, Point
from bot.telemetry.records import Origin, origin_of
from handlers.http.otlp.as_json import (
    AnyValue,
    JsonMessage,
    KeyValue,
    Nanos,
    attributes_in,
    brought,
    decoded,
)
from handlers.http.otlp.owners import CUMULATIVE, NO_VALUE, TEMPORALITIES, digest


class _KeyValue(JsonMessage):
    key: str = ""
    value: msgspec.Raw = msgspec.Raw(b"null")


class _Resource(JsonMessage):
    attributes: list[_KeyValue] | None = None


class _Scope(JsonMessage):
    name: str = ""
    version: str = ""
    attributes: list[_KeyValue] | None = None


class _DataPoint(JsonMessage):
    attributes: list[_KeyValue] | None = None
    start_time_unix_nano: Nanos = 0
    time_unix_nano: Nanos = 0
    as_double: float | None = None
    as_int: int | None = None
    sum: float | None = None
    flags: int = 0

    @property
    def value(self) -> float:
        said = (one for one in (self.as_int, self.as_double, self.sum) if one is not None)
        return next(said, 0)


class _Data(JsonMessage):
    data_points: list[_DataPoint] | None = None
    aggregation_temporality: int = 0
    is_monotonic: bool = False


class _Metric(JsonMessage):
    name: str = ""
    sum: _Data | None = None
    histogram: _Data | None = None
    exponential_histogram: _Data | None = None

    @property
    def data(self) -> _Data:
        """Empty where it counts nothing up."""
        if self.sum is not None:
            return self.sum if self.sum.is_monotonic else _Data()
        return self.histogram or self.exponential_histogram or _Data()


class _ScopeMetrics(JsonMessage):
    scope: _Scope | None = None
    metrics: list[_Metric] | None = None


class _ResourceMetrics(JsonMessage):
    resource: _Resource | None = None
    scope_metrics: list[_ScopeMetrics] | None = None


class _Metrics(JsonMessage):
    resource_metrics: list[_ResourceMetrics] | None = None


_metrics_in = msgspec.json.Decoder(_Metrics, strict=False)
_value_in = msgspec.json.Decoder(AnyValue | None, strict=False)


def read_points(body: bytes) -> Iterator[Point]:
    """Of the counters that count. Raises Malformed."""
    for sent in brought(body, decoded(_metrics_in, body).resource_metrics):
        told = (sent.resource.attributes if sent.resource else None) or []
        whose = _digest(told)
        resource = attributes_in(_named(told, OF_RESOURCE), OF_RESOURCE)
        for part in sent.scope_metrics or ():
            scope = part.scope or _Scope()
            near = scope.attributes or []
            origin = origin_of(
                resource, scope.name, attributes_in(_named(near, OF_RESOURCE), OF_RESOURCE)
            )
            owner = _digest(near, whose, scope.name.encode(), scope.version.encode())
            for metric in part.metrics or ():
                if metric.name in METERS:
                    yield from _points(origin, owner, metric)


def _points(origin: Origin, owner: bytes, metric: _Metric) -> Iterator[Point]:
    data = metric.data
    if data.aggregation_temporality not in TEMPORALITIES:
        return
    for one in data.data_points or ():
        said = one.attributes or []
        if not one.flags & NO_VALUE:
            yield Point(
                origin,
                metric.name,
                attributes_in(_named(said, IN_POINTS), IN_POINTS),
                _digest((each for each in said if each.key not in TYPES), owner),
                one.start_time_unix_nano,
                one.time_unix_nano,
                one.value,
                data.aggregation_temporality == CUMULATIVE,
            )


def _named(pairs: list[_KeyValue], named: Iterable[str]) -> list[KeyValue]:
    return [
        KeyValue(pair.key, decoded(_value_in, bytes(pair.value)))
        for pair in pairs
        if pair.key in named
    ]


def _digest(pairs: Iterable[_KeyValue], *before: bytes) -> bytes:
    written = sorted(pair.key.encode() + b"\0" + bytes(pair.value) for pair in pairs)
    return digest((*before, *written))
