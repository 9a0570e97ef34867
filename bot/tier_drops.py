"""A default tier lowered from an alert, and taken back within a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.refusal import Refusal
from bot.workflows import Status, Tier, Workflow

UNDO_FOR = timedelta(days=1)
_ORDER = (Tier.CHEAP, Tier.STANDARD, Tier.PREMIUM)


class NoTierToDrop(Refusal):
    """It cannot be lowered, or was a moment ago."""


class CannotUndo(Refusal):
    """It was undone, changed since, or its day is over."""


@dataclass(frozen=True)
class TierDrop:
    """From `was` to `becomes`; `notice` is the outbox key of the reply that says so."""

    id: str
    workflow: str
    was: Tier
    becomes: Tier
    by: str
    at: datetime
    notice: str
    instead_of: str | None = None
    undone_at: datetime | None = None
    undone_by: str | None = None

    @property
    def undo_until(self) -> datetime:
        return self.at + UNDO_FOR


def one_down(workflow: Workflow) -> Tier:
    """Raises NoTierToDrop."""
    if workflow.status not in {Status.ACTIVE, Status.PAUSED}:
        raise NoTierToDrop(f"`{workflow.key}` is {workflow.status}: its tier is used by nothing.")
    place = _ORDER.index(workflow.tier)
    if place == 0:
        raise NoTierToDrop(
            f"`{workflow.key}` runs on the cheap tier already: there is none below it. "
            "*Pause…* stops asking for its caps, *Explain…* says why it is worth it."
        )
    return _ORDER[place - 1]


def check_undo(drop: TierDrop, workflow: Workflow, now: datetime) -> None:
    """Raises CannotUndo."""
    if drop.undone_at is not None:
        raise CannotUndo(f"<@{drop.undone_by}> has undone it already.")
    if now >= drop.undo_until:
        raise CannotUndo(f"The day to undo this is over. `/budget edit {workflow.key}` changes it.")
    if workflow.tier is not drop.becomes:
        raise CannotUndo(
            f"`{workflow.key}` runs on the {workflow.tier} tier by now: somebody changed it since."
        )
