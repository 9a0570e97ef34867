"""A request that the bot drafts for an owner. Nothing is asked until a person sends it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

from bot.periods import Period
from bot.refusal import Refusal
from bot.requests import Until

_FIGURES = 2


class Cause(StrEnum):
    SOFT_LIMIT = "soft_limit"
    FORECAST = "forecast"


class DraftState(StrEnum):
    """`LAPSED`: its period is over, or the cap has become another."""

    OPEN = "open"
    SENT = "sent"
    DISMISSED = "dismissed"
    LAPSED = "lapsed"


class NotOpen(Refusal):
    """It was sent, dismissed, or its period is over; the first act counts (law 7)."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """`amount` USD more on the cap of `period.kind`. One for each (workflow, cap, period)."""

    id: str
    workflow: str
    period: Period
    amount: Decimal
    until: Until
    reason: str
    cause: Cause
    addressed_to: str
    drafted_at: datetime
    state: DraftState = DraftState.OPEN
    settled_by: str | None = None
    settled_at: datetime | None = None

    @property
    def notice(self) -> str:
        """The outbox key of its message."""
        return f"draft:{self.id}"


def rounded_up(amount: Decimal) -> Decimal:
    """To two figures, at least to a whole dollar: 61.20 becomes 62, 1,316 becomes 1,400."""
    step = Decimal(1).scaleb(max(0, amount.adjusted() + 1 - _FIGURES))
    return (amount / step).to_integral_value(ROUND_CEILING) * step
