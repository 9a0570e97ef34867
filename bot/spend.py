from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.money import ZERO


@dataclass(frozen=True)
class Spent:
    """What a period holds. USD; `assumed` is part of `cost`; `unmetered` counts records without a cost.

    `late` is part of `cost`: booked after the period had closed. `last_at`: the newest record's instant.
    """

    cost: Decimal = ZERO
    assumed: Decimal = ZERO
    records: int = 0
    unmetered: int = 0
    late: Decimal = ZERO
    last_at: datetime | None = None
