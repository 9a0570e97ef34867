"""How a weekly review ended, in a few lines."""

from collections.abc import Iterable, Sequence

from bot.cards.review_figures import kept_barren
from bot.cards.review_lines import key_said
from bot.money import say
from bot.review_decisions import Choice, choice_of
from bot.reviews import Item, Review, lowered

_LISTED = 12

_COUNTS = (
    (Choice.KEEP, "kept"),
    (Choice.CAP, "capped"),
    (Choice.REROUTE, "rerouted"),
    (Choice.RETIRE, "to be retired"),
    (Choice.UNREVIEWED, "kept unreviewed"),
)


def summary(review: Review) -> list[str]:
    found = [choice_of(one.decided.decision) for one in review.items if one.decided]
    counts = [f"{found.count(choice)} {word}" for choice, word in _COUNTS if choice in found]
    return [", ".join(counts).capitalize(), *_savings(review), *_barren(review), *_left(review)]


def _savings(review: Review) -> Iterable[str]:
    saved = [f"{say(amount)} a {kind.noun}" for kind, amount in lowered(review.items).items()]
    if saved:
        yield f"Caps went down by {' and '.join(saved)}"
    asked = sum(len(item.waiting) for item in review.items)
    if asked:
        which = "is a raise" if asked == 1 else "are raises"
        yield f"{asked} of the caps {which} that an approver decides"


def _barren(review: Review) -> Iterable[str]:
    """Named by how long: what is kept again and again, and what nobody looks at."""
    long_kept = [one for one in review.items if kept_barren(one.figures.running)]
    if long_kept:
        yield f"Kept four weeks or more without an outcome: {_keys(long_kept)}"
    silent = [one for one in review.items if one.unreviewed and one.figures.running.unreviewed]
    if silent:
        yield f"Unreviewed also the week before: {_keys(silent)}"


def _keys(items: Sequence[Item]) -> str:
    more = f" and {len(items) - _LISTED} more" if len(items) > _LISTED else ""
    return f"{', '.join(key_said(one.workflow) for one in items[:_LISTED])}{more}"


def _left(review: Review) -> Iterable[str]:
    left = [item for item in review.items if item.unreviewed]
    if left:
        yield f"Kept, unreviewed, since nobody decided: {_keys(left)}"
    gone = [item for item in review.items if item.decided is None]
    if gone:
        yield f"Undecided, and left as they are: {_keys(gone)}"
