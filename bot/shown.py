"""What the card of a waiting request says, so that a yes is a yes to that."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.requests import Effect, RequestDraft, Until

FRESH = timedelta(minutes=15)


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
        moved = dict(self.percents) != dict(now_shown.percents)
        return moved and now_shown.at - self.at >= FRESH


def terms_of(draft: RequestDraft, effect: Effect) -> str:
    """Days count from the approval, whenever that is: their end is no part of it."""
    end = f"{draft.days} days" if draft.until is Until.DAYS else str(effect.end)
    return f"{end}: {effect.before:f} + {draft.more:f}, {effect.periods}"
