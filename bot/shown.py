"""What the card of a waiting request says, so that a yes is a yes to that."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from bot.request_effects import Effect
from bot.requests import Request, Until

FRESH = timedelta(minutes=15)
_PARTED = "|"


@dataclass(frozen=True)
class Shown:
    """As the card was last drawn: what an approval does, where it stands and who may answer, and
    the per cents spent of each cap.
    """

    request: str
    terms: str
    standing: str
    people: tuple[str, ...]
    percents: Mapping[str, int]
    at: datetime

    def differs(self, now_shown: "Shown") -> bool:
        """Whether the card must be drawn again; for its figures alone not too often."""
        if (self.terms, self.standing) != (now_shown.terms, now_shown.standing):
            return True
        if self.people != now_shown.people:
            return True
        moved = dict(self.percents) != dict(now_shown.percents)
        return moved and now_shown.at - self.at >= FRESH

    def beside(self, before: "Shown | None", *, told: bool) -> "Shown":
        """What to remember when it is drawn for another reason: other terms wait for an edition of
        their own, and people who are not `told` yet for a word.
        """
        if before is None:
            return self
        same = before.terms.partition(_PARTED)[0] == self.terms.partition(_PARTED)[0]
        terms = before.terms if same else self.terms
        return replace(self, terms=terms, people=self.people if told else before.people)


def terms_of(request: Request, effect: Effect) -> str:
    """Days count from the approval, whenever that is: their end is no part of it."""
    end = f"{request.days} days" if request.until is Until.DAYS else str(effect.end)
    gives = f"{_exact(effect.before)} + {_exact(request.more)} x {effect.periods}"
    return f"{request.edition}{_PARTED}{end}{_PARTED}{gives}"


def _exact(amount: Decimal) -> str:
    """The same for an amount as it was typed and as it is stored."""
    return f"{amount.normalize():f}"
