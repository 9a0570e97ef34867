"""How the reviews of a workflow have gone, beside its contract."""

from collections.abc import Iterable

from bot.cards.kit import said
from bot.cards.review_figures import kept_barren, left_unreviewed
from bot.review_decisions import words
from bot.review_history import Past, standing


def past_said(past: Past, zone: str) -> str:
    """`Weekly review of Mon 30 Nov 10:00 CET: kept; kept five weeks without an outcome.`"""
    return f"Weekly review of {said(past.opened_at, zone)}: {'; '.join(_parts(past))}."


def _parts(past: Past) -> Iterable[str]:
    decided = past.item.decided
    yield words(decided.decision) if decided else "waits for an answer"
    now = standing(past)
    barren = kept_barren(now)
    if barren:
        yield barren
    if now.unreviewed > 1:
        yield left_unreviewed(now.unreviewed)
