"""Points of counters: what each says, and how those that belong together become one bucket."""

import math
from collections.abc import Iterable, Iterator
from decimal import Decimal
from hashlib import blake2b
from typing import NamedTuple

from bot.money import LARGEST, from_nanos, to_nanos
from bot.providers import standard_provider
from bot.telemetry import claude_code, codex, gemini_cli, genai
from bot.telemetry.attributes import COMMON, Attributes, text
from bot.telemetry.clients import client_of
from bot.telemetry.meters import METERS, OWN, TYPES, Part
from bot.telemetry.records import Measured, Origin, Record, sent_usage
from bot.usage import MOST, Grain, NotUsage, SentUsage

IN_POINTS = COMMON | TYPES | genai.NAMED | {"model"}

_PROVIDERS = {codex.CLIENT: "openai", gemini_cli.CLIENT: "gcp.gemini"}
_INPUTS = frozenset({Part.INPUT, Part.FRESH, Part.READ, Part.WRITTEN})
_READS = frozenset({Part.CACHE_READ, Part.READ})
_WRITES = frozenset({Part.CACHE_WRITE, Part.WRITTEN})


class Point(NamedTuple):
    """`owner` is a digest of who sends it and of all its attributes, the kind of token aside.

    `start` and `at` are nanoseconds since 1970; a cumulative `value` counts since `start`.
    """

    origin: Origin
    metric: str
    attributes: Attributes
    owner: bytes
    start: int
    at: int
    value: float
    cumulative: bool

    @property
    def kind(self) -> str:
        return text(self.attributes, METERS[self.metric].by) if METERS[self.metric].by else ""

    @property
    def part(self) -> Part | None:
        return METERS[self.metric].part_of(self.kind)

    @property
    def amount(self) -> int:
        """In tokens or nano-dollars. Raises NotUsage."""
        if not math.isfinite(self.value) or self.value < 0:
            raise NotUsage("A counter is zero or more.", field=self.metric)
        if self.part is Part.COST:
            cost = Decimal(str(self.value))
            if cost > LARGEST:
                raise NotUsage("It is more than a cost can be.", field=self.metric)
            return to_nanos(cost)
        if self.value > MOST:
            raise NotUsage("It is more than can be counted.", field=self.metric)
        return round(self.value)


def client_of_point(point: Point) -> str | None:
    """None where it repeats what another point says, or counts no call."""
    if point.part is None:
        return None
    only = METERS[point.metric].client
    if only is not None:
        return only
    client = client_of(point.origin)
    return client if client not in OWN and genai.may_be_inference(point.attributes) else None


def without_makeshifts(points: Iterable[tuple[str, Point]]) -> list[tuple[str, Point]]:
    """By client: a histogram of calls is no counter, and counts only where there is none."""
    known = list(points)
    better = {client for client, point in known if not METERS[point.metric].makeshift}
    return [
        (client, point)
        for client, point in known
        if client not in better or not METERS[point.metric].makeshift
    ]


class Share(NamedTuple):
    """What a point adds to a bucket, in tokens or nano-dollars."""

    point: Point
    amount: int

    @property
    def place(self) -> tuple[str, str, int]:
        return self.point.metric, self.point.kind, self.point.start


class Bucket(NamedTuple):
    """What the points of one owner and moment say together, in a fixed order."""

    client: str
    shares: tuple[Share, ...]

    @property
    def id(self) -> str:
        """The same points, the same id; those that come apart do not replace each other."""
        digest = blake2b(self.shares[0].point.owner, digest_size=16)
        for share in self.shares:
            digest.update(f"|{share.place}".encode())
        return f"{digest.hexdigest()}|{self.shares[0].point.at}"

    @property
    def measured(self) -> Measured:
        parts = {share.point.part for share in self.shares}
        inputs = self._sum(*_INPUTS)
        # The share of an input that was counted before is no news.
        read = min(self._sum(*_READS), inputs)
        written = min(self._sum(*_WRITES), inputs - read)
        return Measured(
            inputs if parts & _INPUTS else None,
            self._sum(Part.OUTPUT) if Part.OUTPUT in parts else None,
            read if parts & _READS else None,
            written if parts & _WRITES else None,
            from_nanos(self._sum(Part.COST)) if Part.COST in parts else None,
        )

    @property
    def is_priced_elsewhere(self) -> bool:
        """Claude Code tells money apart: tokens that come without it have a cost nobody knows."""
        return self.client == claude_code.CLIENT and not self._sum(Part.COST)

    def counting(self, news: Iterable[int]) -> "Bucket":
        """The same points, of which only this much is new."""
        pairs = zip(self.shares, news, strict=True)
        return self._replace(shares=tuple(Share(share.point, new) for share, new in pairs))

    def sent(self) -> SentUsage:
        """Raises NotUsage."""
        point = self.shares[0].point
        said = point.attributes
        model = claude_code.plain_model(text(said, "model", *genai.MODEL))
        return sent_usage(
            Record(point.origin, said, point.at),
            self.id,
            _provider(self.client, model, said),
            model,
            self.measured,
            grain=Grain.BUCKET,
        )

    def _sum(self, *parts: Part) -> int:
        return sum(share.amount for share in self.shares if share.point.part in parts)


def _provider(client: str, model: str, said: Attributes) -> str:
    if client == claude_code.CLIENT:
        return claude_code.provider_of(model)
    return _PROVIDERS.get(client) or standard_provider(text(said, *genai.PROVIDER))


def buckets(client: str, shares: Iterable[Share]) -> Iterator[Bucket]:
    """A point that is told twice is one."""
    together: dict[tuple[bytes, int, bool], dict[tuple[str, str, int], Share]] = {}
    for share in shares:
        point = share.point
        key = (point.owner, point.at, point.cumulative)
        together.setdefault(key, {})[share.place] = share
    for each in together.values():
        yield Bucket(client, tuple(each[place] for place in sorted(each)))
