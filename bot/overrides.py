from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.periods import CapKind


@dataclass(frozen=True)
class Override:
    """`amount` USD on top of the one cap it names, in force in `[start, end)` (UTC).

    `ended_at` is set once: when its end was announced, or when the workflow was retired.
    """

    id: str
    workflow: str
    cap: CapKind
    amount: Decimal
    start: datetime
    end: datetime
    request: str
    granted_by: str
    ended_at: datetime | None = None

    def in_force(self, now: datetime) -> bool:
        return self.ended_at is None and self.start <= now < self.end
