"""Cumulative counters: only what came since the last look is news, however often it is told."""

from hashlib import blake2b
from typing import NamedTuple

from bot.telemetry.points import Point


class Stream(NamedTuple):
    """`at` is microseconds since 1970, `value` what has been counted up to then."""

    name: str
    start: int
    at: int
    value: int


def stream_of(source: str, point: Point) -> Stream:
    """A counter that starts anew is another stream, so that two programs of one name, or what
    arrives late of the one before, are no resets of each other. Raises NotUsage.
    """
    digest = blake2b(point.owner, digest_size=20)
    digest.update(f"|{source}|{point.metric}|{point.kind}|{point.start}".encode())
    return Stream(digest.hexdigest(), point.start // 1000, point.at // 1000, point.amount)


def added(last: Stream | None, now: Stream) -> tuple[int, Stream]:
    """What is new, and what is remembered. A value that fell was reset without saying so."""
    if last is None:
        return now.value, now
    if now.at <= last.at:
        return 0, last
    return now.value - (last.value if now.value >= last.value else 0), now
