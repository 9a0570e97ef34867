"""Who a counter belongs to: a digest of all that its sender says of itself and of the point."""

from collections.abc import Iterable
from hashlib import blake2b

# `AggregationTemporality` and `DataPointFlags` of OTLP.
DELTA, CUMULATIVE = 1, 2
TEMPORALITIES = frozenset({DELTA, CUMULATIVE})
NO_VALUE = 1


def digest(parts: Iterable[bytes]) -> bytes:
    """None runs into the next."""
    made = blake2b(digest_size=16)
    for part in parts:
        made.update(len(part).to_bytes(8))
        made.update(part)
    return made.digest()
