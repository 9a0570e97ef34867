"""The weekly review: a thread a team and week, an item a workflow, an answer an item."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.periods import CapKind, Period, local_day, zone_now
from bot.refusal import Refusal
from bot.review_figures import Figures
from bot.workflows import Status, Tier, Workflow

UNDO_REROUTE = timedelta(days=1)


class Choice(StrEnum):
    KEEP = "keep"
    CAP = "cap"
    REROUTE = "reroute"
    RETIRE = "retire"


@dataclass(frozen=True)
class Keep:
    """`instead_of` is the answer it took back."""

    instead_of: Choice | None = None


@dataclass(frozen=True)
class Cap:
    """USD a period. `was` is the cap before. A raise is a `request`, which `asked_of` may grant."""

    kind: CapKind
    amount: Decimal
    was: Decimal | None = None
    request: str | None = None
    asked_of: tuple[str, ...] = ()

    @property
    def raises(self) -> bool:
        return self.was is not None and self.amount > self.was


@dataclass(frozen=True)
class Reroute:
    """A new default tier; `was` is the one before."""

    tier: Tier
    was: Tier | None = None


@dataclass(frozen=True)
class Retire:
    """Active through `on`, a local day of the workflow's calendar."""

    on: date


Decision = Keep | Cap | Reroute | Retire

CHOICES: dict[Choice, type[Decision]] = {
    Choice.KEEP: Keep,
    Choice.CAP: Cap,
    Choice.REROUTE: Reroute,
    Choice.RETIRE: Retire,
}


def is_reviewed(workflow: Workflow) -> bool:
    return workflow.status in {Status.ACTIVE, Status.PAUSED}


def choice_of(decision: Decision) -> Choice:
    return next(choice for choice, kind in CHOICES.items() if isinstance(decision, kind))


@dataclass(frozen=True)
class Decided:
    decision: Decision
    by: str
    at: datetime


@dataclass(frozen=True)
class Said:
    """What a person answers for a workflow. `undo`: keep it instead of the answer there."""

    workflow: str
    decision: Decision
    by: str
    undo: bool = False


@dataclass(frozen=True)
class Item:
    """One workflow in one review. `version` is the stored state it was read from."""

    workflow: str
    owner: str | None
    figures: Figures
    notice: str
    decided: Decided | None = None
    version: int = 1

    def says(self, decision: Decision) -> bool:
        """The same answer is there already: a second press of the same button changes nothing."""
        return self.decided is not None and _asked(self.decided.decision) == _asked(decision)


@dataclass(frozen=True)
class Review:
    """One thread a team and week. `notice` is the outbox key of its parent."""

    team: str
    week: Period
    channel: str
    opened_at: datetime
    notice: str
    items: tuple[Item, ...] = ()
    closed_at: datetime | None = None

    @property
    def decided(self) -> int:
        return sum(item.decided is not None for item in self.items)

    @property
    def complete(self) -> bool:
        return self.decided == len(self.items)

    def item(self, workflow: str) -> Item:
        """Raises NotInReview."""
        for item in self.items:
            if item.workflow == workflow:
                return item
        raise NotInReview(f"{workflow} is not in this review.")

    def having(self, item: Item) -> "Review":
        return replace(
            self,
            items=tuple(item if one.workflow == item.workflow else one for one in self.items),
        )


class NotInReview(Refusal):
    """The thread has no such workflow."""


class ReviewClosed(Refusal):
    """The thread was closed; nothing more is decided in it."""


class AlreadyDecided(Refusal):
    """Somebody else answered first."""


class NothingToDecide(Refusal):
    """The answer would change nothing, or nothing it could change is there."""


def place_of(notice: str) -> tuple[str, str]:
    """An item's notice names its review's and its workflow; keys have no colon."""
    parent, _, workflow = notice.rpartition(":")
    return parent, workflow


def question_notice(review: Review, about: str, ts: str, workflow: str) -> str:
    """The outbox key of a question with buttons, asked back to the message at `ts`."""
    return f"{review.notice}:asked:{about}:{ts}:{workflow}"


def questioned(review: Review, notice: str) -> str | None:
    """The workflow that a question of the thread is about; None for what is no question."""
    if not notice.startswith(f"{review.notice}:asked:"):
        return None
    return notice.rpartition(":")[2]


def review_notice(team: str, week: Period) -> str:
    return f"review:{team}:{int(week.start.timestamp())}"


def check_retire_on(on: date, workflow: Workflow, now: datetime) -> None:
    """Today or later where the workflow counts its days. Raises NothingToDecide."""
    today = local_day(now, zone_now(workflow.calendars, now))
    if on < today:
        raise NothingToDecide(
            f"{on:%-d %b %Y} is over. Choose today ({today:%-d %b %Y}) or a later day.",
            field="retire_on",
        )


def lowered(items: Iterable[Item]) -> dict[CapKind, Decimal]:
    """USD by which caps went down in all, by kind; a first cap of its kind lowers nothing."""
    saved: dict[CapKind, Decimal] = {}
    for item in items:
        match item.decided:
            case Decided(decision=Cap(kind, amount, was, None)) if was is not None:
                saved[kind] = saved.get(kind, Decimal(0)) + was - amount
            case _:
                pass
    return saved


_WORDS = {
    Choice.KEEP: "kept",
    Choice.CAP: "capped",
    Choice.REROUTE: "rerouted",
    Choice.RETIRE: "to be retired",
}


def words(decision: Decision) -> str:
    return _WORDS[choice_of(decision)]


def _asked(decision: Decision) -> Decision:
    """What a person said, without what it did."""
    match decision:
        case Keep():
            return Keep()
        case Cap(kind, amount):
            return Cap(kind, amount)
        case Reroute(tier):
            return Reroute(tier)
        case _:
            return decision
