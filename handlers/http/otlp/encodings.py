"""What a request says, in either encoding."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from bot.sources import Signal
from bot.telemetry.points import Point
from bot.telemetry.records import Origin, Record
from handlers.http.otlp import as_json, as_json_points, as_protobuf
from handlers.http.otlp.answers import JSON, PROTOBUF
from handlers.http.otlp.points import HeardPoints
from handlers.http.otlp.reading import Heard


class Encoding(NamedTuple):
    read_logs: Callable[[bytes], Iterator[tuple[Origin, Iterator[Record]]]]
    read_spans: Callable[[bytes], Iterator[tuple[Origin, Iterator[Record]]]]
    read_points: Callable[[bytes], Iterator[Point]]


ENCODINGS = {
    PROTOBUF: Encoding(as_protobuf.read_logs, as_protobuf.read_spans, as_protobuf.read_points),
    JSON: Encoding(as_json.read_logs, as_json.read_spans, as_json_points.read_points),
}


def hear(body: bytes, kind: str, signal: Signal, heard: Heard) -> HeardPoints:
    """All that the body brings; points only where it is of metrics. Raises Malformed."""
    encoding, points = ENCODINGS[kind], HeardPoints(heard)
    if signal is Signal.LOGS:
        heard.logs(encoding.read_logs(body))
    elif signal is Signal.SPANS:
        heard.spans(encoding.read_spans(body))
    else:
        points.take(encoding.read_points(body))
    return points
