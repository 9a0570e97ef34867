"""How a weekly review ended, in a few lines."""

from collections.abc import Iterable

from bot.cards.review_lines import key_said
from bot.money import say
from bot.review_decisions import Choice, choice_of
from bot.reviews import Review, lowered

_LISTED = 12

_COUNTS = (
    (Choice.KEEP, "kept"),
    (Choice.CAP, "capped"),
    (Choice.REROUTE, "rerouted"),
    (Choice.RETIRE, "to be retired"),
)


def summary(review: Review) -> list[str]:
    found = [choice_of(one.decided.decision) for one in review.items if one.decided]
    counts = [f"{found.count(choice)} {word}" for choice, word in _COUNTS if choice in found]
    return [", ".join(counts).capitalize(), *_savings(review), *_left(review)]


def _savings(review: Review) -> Iterable[str]:
    saved = [f"{say(amount)} a {kind.noun}" for kind, amount in lowered(review.items).items()]
    if saved:
        yield f"Caps went down by {' and '.join(saved)}"
    asked = sum(len(item.waiting) for item in review.items)
    if asked:
        which = "is a raise" if asked == 1 else "are raises"
        yield f"{asked} of the caps {which} that an approver decides"


def _left(review: Review) -> Iterable[str]:
    left = [item.workflow for item in review.items if item.decided is None]
    if left:
        more = f" and {len(left) - _LISTED} more" if len(left) > _LISTED else ""
        shown = ", ".join(map(key_said, left[:_LISTED]))
        yield f"Undecided, and left as they are: {shown}{more}"
