from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.money import ZERO


@dataclass(frozen=True)
class Spent:
    """What a period holds, in USD. `unmetered` counts the records without a cost.

    `assumed` and `late` (booked after the period had closed) are part of `cost`. `last_at`: the
    newest record's instant.
    """

    cost: Decimal = ZERO
    assumed: Decimal = ZERO
    records: int = 0
    unmetered: int = 0
    late: Decimal = ZERO
    last_at: datetime | None = None


def newest(records: Iterable[datetime | None]) -> datetime | None:
    """The instant of the newest, as far as any is known."""
    return max(filter(None, records), default=None)
