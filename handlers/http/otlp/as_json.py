"""OTLP as JSON: names in camelCase, ids in hex, whole numbers as numbers or as texts. What is not
named here is skipped unread.
"""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Annotated, Any, TypeVar

import msgspec

from bot.telemetry.attributes import OF_RESOURCE, Attributes, Value
from bot.telemetry.clients import IN_LOGS, IN_SPANS
from bot.telemetry.records import Origin, Record, origin_of
from handlers.http.half_pairs import mended
from handlers.http.read import Malformed

_ID = re.compile(r"[0-9a-fA-F]{32}:[0-9a-fA-F]{16}")

# What some programs write for a number that is none. In a text that reads alike, quotes end it too
# soon: then the body is as little JSON as before.
_BARE = re.compile(rb"([:,\[]\s*)(-?(?:NaN|Infinity))(?=\s*[,}\]])")

_Part = TypeVar("_Part")
Nanos = Annotated[int, msgspec.Meta(ge=0)]


class JsonMessage(msgspec.Struct, rename="camel", gc=False):
    pass


class AnyValue(JsonMessage):
    string_value: str | None = None
    int_value: int | None = None
    double_value: float | None = None
    bool_value: bool | None = None


class KeyValue(JsonMessage):
    key: str = ""
    value: AnyValue | None = None


class Resource(JsonMessage):
    attributes: list[KeyValue] | None = None


class Scope(JsonMessage):
    name: str = ""
    attributes: list[KeyValue] | None = None


class _LogRecord(JsonMessage):
    time_unix_nano: Nanos = 0
    observed_time_unix_nano: Nanos = 0
    event_name: str = ""
    attributes: list[KeyValue] | None = None


class _ScopeLogs(JsonMessage):
    scope: Scope | None = None
    log_records: list[_LogRecord] | None = None


class _ResourceLogs(JsonMessage):
    resource: Resource | None = None
    scope_logs: list[_ScopeLogs] | None = None


class _Logs(JsonMessage):
    resource_logs: list[_ResourceLogs] | None = None


class _Span(JsonMessage):
    trace_id: str = ""
    span_id: str = ""
    parent_span_id: str = ""
    name: str = ""
    end_time_unix_nano: Nanos = 0
    attributes: list[KeyValue] | None = None


class _ScopeSpans(JsonMessage):
    scope: Scope | None = None
    spans: list[_Span] | None = None


class _ResourceSpans(JsonMessage):
    resource: Resource | None = None
    scope_spans: list[_ScopeSpans] | None = None


class _Traces(JsonMessage):
    resource_spans: list[_ResourceSpans] | None = None


# What each door takes.
_DOORS = {"resourceLogs": "logs", "resourceSpans": "traces", "resourceMetrics": "metrics"}

_names_in = msgspec.json.Decoder(dict[str, msgspec.Raw])
_logs_in = msgspec.json.Decoder(_Logs, strict=False)
_spans_in = msgspec.json.Decoder(_Traces, strict=False)


def read_logs(body: bytes) -> Iterator[tuple[Origin, Iterator[Record]]]:
    """By scope. Raises Malformed."""
    for sent in brought(body, decoded(_logs_in, body).resource_logs):
        for scope in sent.scope_logs or ():
            origin = origin_in(sent.resource, scope.scope)
            yield origin, _logs(origin, scope.log_records or ())


def read_spans(body: bytes) -> Iterator[tuple[Origin, Iterator[Record]]]:
    """By scope. Raises Malformed."""
    for sent in brought(body, decoded(_spans_in, body).resource_spans):
        for scope in sent.scope_spans or ():
            origin = origin_in(sent.resource, scope.scope)
            yield origin, _spans(origin, scope.spans or ())


def brought(body: bytes, parts: list[_Part] | None) -> list[_Part]:
    """Raises Malformed of a body that brings what another door takes, and nothing of this one's."""
    for name in decoded(_names_in, body) if parts is None else ():
        if name in _DOORS:
            raise Malformed(f"{name} belong to /otlp/v1/{_DOORS[name]}.")
    return parts or []


def decoded(decoder: Any, body: bytes) -> Any:  # noqa: ANN401 - msgspec's decoders say their types
    try:
        return decoder.decode(body)
    except (msgspec.ValidationError, UnicodeDecodeError, RecursionError) as error:
        # A message of the decoder names a field and its type, never what was in it.
        raise Malformed(str(error)) from error
    except msgspec.DecodeError as broken:
        return _decoded_mended(decoder, body, broken)


def _decoded_mended(decoder: Any, body: bytes, broken: Exception) -> Any:  # noqa: ANN401
    try:
        return decoder.decode(_quoted(mended(body, b"\\ufffd")))
    except msgspec.ValidationError as error:
        raise Malformed(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        # The place in what was sent, not in what was made of it.
        raise Malformed(str(broken)) from error


def _quoted(body: bytes) -> bytes:
    """As protobuf's JSON writes them, so that only their own record is refused."""
    return _BARE.sub(rb'\1"\2"', body)


def origin_in(resource: Resource | None, scope: Scope | None) -> Origin:
    scope = scope or Scope()
    return origin_of(
        attributes_in(resource.attributes if resource else None, OF_RESOURCE),
        scope.name,
        attributes_in(scope.attributes, OF_RESOURCE),
    )


def attributes_in(pairs: list[KeyValue] | None, named: AbstractSet[str]) -> Attributes:
    found: dict[str, Value] = {}
    for pair in pairs or ():
        if pair.key in named and pair.value is not None:
            said = _said(pair.value)
            if said is not None:
                found[pair.key] = said
    return found


def _said(value: AnyValue) -> Value | None:
    if value.string_value is not None:
        return value.string_value
    if value.int_value is not None:
        return value.int_value
    return value.bool_value if value.double_value is None else value.double_value


def _logs(origin: Origin, records: Iterable[_LogRecord]) -> Iterator[Record]:
    for one in records:
        said = attributes_in(one.attributes, IN_LOGS)
        yield Record(
            origin, said, one.time_unix_nano or one.observed_time_unix_nano, one.event_name
        )


def _spans(origin: Origin, spans: Iterable[_Span]) -> Iterator[Record]:
    for one in spans:
        said = attributes_in(one.attributes, IN_SPANS)
        if said:
            here, around = _id(one.trace_id, one.span_id), _id(one.trace_id, one.parent_span_id)
            yield Record(origin, said, one.end_time_unix_nano, one.name, here, around)


def _id(trace: str, one: str) -> str:
    """Empty where it is none. The same id as in protobuf."""
    written = f"{trace}:{one}"
    return written.lower() if _ID.fullmatch(written) else ""
