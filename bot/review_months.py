"""What a calendar month of reviews came to: answers by kind, raises granted, money saved."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from bot.money import ZERO
from bot.periods import Period
from bot.requests import State
from bot.review_decisions import Cap, Choice, Decided, Expected, Reroute, Retire, choice_of
from bot.reviews import Item, Review, lowered

# USD of a workflow in a month.
Cost = Callable[[str, Period], Decimal]


@dataclass(frozen=True)
class RollUp:
    """Of one team, or of all. `raised`: what caps went up by. `saved`: what was forecast when a
    cap was lowered, a tier changed or a last day set, less what the month has cost; it may be
    less than nothing. `unknown`: such answers without a forecast, or whose month still runs.
    """

    team: str = ""
    answers: Counter[Choice] = field(default_factory=Counter)
    undecided: int = 0
    raises: int = 0
    raised: Decimal = ZERO
    saved: Decimal = ZERO
    known: int = 0
    unknown: int = 0


def rolled_up(team: str, reviews: Iterable[Review], cost: Cost, now: datetime) -> RollUp:
    found = tuple(reviews)
    items = [item for review in found for item in review.items]
    decided = [item.decided for item in items if item.decided is not None]
    raises = [one for each in decided for one in each.raises if one.outcome is State.APPROVED]
    plain = RollUp(
        team=team,
        answers=Counter(choice_of(one.decision) for one in decided),
        undecided=len(items) - len(decided),
        raises=len(raises),
        raised=sum((one.amount - (one.was or ZERO) for one in raises), ZERO),
    )
    return _with_savings(plain, _cuts(items), cost, now)


def in_all(found: Iterable[RollUp]) -> RollUp:
    whole = RollUp()
    for one in found:
        whole = RollUp(
            answers=whole.answers + one.answers,
            undecided=whole.undecided + one.undecided,
            raises=whole.raises + one.raises,
            raised=whole.raised + one.raised,
            saved=whole.saved + one.saved,
            known=whole.known + one.known,
            unknown=whole.unknown + one.unknown,
        )
    return whole


def cuts(reviews: Iterable[Review]) -> tuple[tuple[str, Expected], ...]:
    """The workflows whose month is compared, with what was forecast."""
    found = _cuts(item for review in reviews for item in review.items)
    return tuple((key, one.expected) for key, one in found.items() if one.expected is not None)


def _cuts(items: Iterable[Item]) -> dict[str, Decided]:
    """The first answer of each workflow that lowers what it spends: a later one is forecast with
    the first in force.
    """
    found: dict[str, Decided] = {}
    for item in items:
        if item.decided is not None and (lowers(item.decided) or lowered([item])):
            # The last answer may be to keep: what an earlier one lowered stays lowered.
            found.setdefault(item.workflow, item.decided)
    return found


def lowers(decided: Decided) -> bool:
    match decided.decision:
        case Cap() as cap:
            return not cap.raises
        case Reroute() | Retire():
            return True
        case _:
            return False


def _with_savings(plain: RollUp, found: dict[str, Decided], cost: Cost, now: datetime) -> RollUp:
    saved = [
        one.expected.amount - cost(key, one.expected.month)
        for key, one in found.items()
        if one.expected is not None and one.expected.month.end <= now
    ]
    return replace(plain, saved=sum(saved, ZERO), known=len(saved), unknown=len(found) - len(saved))
