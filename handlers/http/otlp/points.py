"""From points of counters to buckets of usage: what may be booked as it is, and what is told again
and again and has to be compared with what was counted before.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from msgspec.structs import replace

from bot.sources import Signal
from bot.telemetry.points import (
    Bucket,
    Point,
    Share,
    buckets,
    client_of_point,
    without_makeshifts,
)
from bot.usage import CostBasis, NotUsage, Usage
from handlers.http.otlp.reading import Heard


@dataclass
class HeardPoints:
    """`cumulative` waits to be counted; the rest is among what was heard."""

    heard: Heard
    cumulative: list[Bucket] = field(default_factory=list)

    def take(self, points: Iterable[Point]) -> None:
        by_client: dict[str, list[Share]] = defaultdict(list)
        for client, point in without_makeshifts(self._counting(points)):
            try:
                by_client[client].append(Share(point, point.amount))
            except NotUsage as no:
                self.heard.reject(no.field, str(no))
        for client, shares in by_client.items():
            for bucket in buckets(client, shares):
                self._take(bucket)

    def usage(self, bucket: Bucket) -> Usage:
        """Raises NotUsage."""
        usage = self.heard.checked(bucket.sent(), self.source(bucket))
        if bucket.is_priced_elsewhere:
            usage = replace(usage, nanos=None, basis=CostBasis.UNMETERED)
        return usage

    def source(self, bucket: Bucket) -> str:
        return self.heard.source(Signal.METRICS, bucket.client)

    def _counting(self, points: Iterable[Point]) -> Iterable[tuple[str, Point]]:
        for point in points:
            client = client_of_point(point)
            if client is not None and self.heard.source(Signal.METRICS, client):
                yield client, point

    def _take(self, bucket: Bucket) -> None:
        """All is looked at as if it were new: what could not be booked is not counted either."""
        try:
            usage = self.usage(bucket)
        except NotUsage as no:
            self.heard.reject(no.field, str(no), len(bucket.shares))
            return
        if bucket.shares[0].point.cumulative:
            self.cumulative.append(bucket)
        else:
            self.heard.usages.append(usage)
