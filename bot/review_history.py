"""What earlier reviews of a workflow left: how long it was only kept, and by whom not answered."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.money import ZERO
from bot.review_decisions import Keep, Unreviewed
from bot.review_figures import Running
from bot.reviews import Item


@dataclass(frozen=True)
class Past:
    """A workflow's last review, open or closed; `late_through` is what it had told of."""

    item: Item
    opened_at: datetime
    closed_at: datetime | None

    @property
    def late_through(self) -> Decimal:
        return self.item.figures.late_through


def late_told(past: Past | None) -> Decimal:
    return past.late_through if past else ZERO


def running(past: Past | None, outcome_at: datetime | None) -> Running:
    """Up to the next review. An outcome since the last one starts the count again."""
    if past is None:
        return Running()
    before, decided = past.item.figures.running, past.item.decided
    silent = decided is None or isinstance(decided.decision, Unreviewed)
    kept = silent or (decided is not None and isinstance(decided.decision, Keep))
    barren = outcome_at is None or outcome_at < past.opened_at
    return Running(
        kept=before.kept + 1 if kept and barren else 0,
        unreviewed=before.unreviewed + 1 if silent else 0,
    )


def standing(past: Past) -> Running:
    """As it is now: what waits in an open thread is not left unreviewed yet."""
    if past.closed_at is None and past.item.decided is None:
        return past.item.figures.running
    return running(past, past.item.figures.outcome_at)
