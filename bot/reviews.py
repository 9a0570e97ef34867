"""The weekly review: a thread a team and week, an item a workflow, an answer an item."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from bot.periods import CapKind, Period, local_day, zone_now
from bot.refusal import Refusal
from bot.requests import Request, State
from bot.review_decisions import Cap, Decided, Decision, Keep, Reroute, Unreviewed
from bot.review_figures import Figures
from bot.workflows import Status, Workflow


def is_reviewed(workflow: Workflow) -> bool:
    return workflow.status in {Status.ACTIVE, Status.PAUSED}


@dataclass(frozen=True)
class Changed:
    """A cap (USD) that is another since the thread was opened; None is no such cap."""

    kind: CapKind
    was: Decimal | None
    now: Decimal | None


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
        """The same answer is there already: a second press of the same button changes nothing.
        A raise that was answered may be asked again.
        """
        if self.decided is None or _is_answered(self.decided.decision):
            return False
        return _asked(self.decided.decision) == _asked(decision)

    @property
    def unreviewed(self) -> bool:
        """Nobody decided, and the next review has come."""
        return self.decided is not None and isinstance(self.decided.decision, Unreviewed)

    @property
    def changed(self) -> tuple[Changed, ...]:
        was = self.figures.caps
        now = (self.decided and self.decided.caps) or was
        each = (Changed(kind, was.of(kind), now.of(kind)) for kind in CapKind)
        return tuple(one for one in each if one.was != one.now)

    @property
    def waiting(self) -> tuple[Cap, ...]:
        """The raises that nobody has answered yet."""
        return tuple(one for one in self.decided.raises if one.waits) if self.decided else ()


@dataclass(frozen=True)
class Review:
    """One thread a team and week. `notice` is the outbox key of its parent. `posted`: how many of
    the replies are on their way, None all; `cleared`: how many lost their buttons once it was
    closed, None all; `steps`: how many of its clock are done.
    """

    team: str
    week: Period
    channel: str
    opened_at: datetime
    notice: str
    items: tuple[Item, ...] = ()
    closed_at: datetime | None = None
    posted: int | None = None
    cleared: int | None = None
    steps: int = 0

    @property
    def decided(self) -> int:
        """By people."""
        return sum(item.decided is not None and not item.unreviewed for item in self.items)

    @property
    def complete(self) -> bool:
        return all(item.decided is not None for item in self.items)

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
    """USD by which caps went down in all, by kind; one that came or went lowers nothing."""
    saved: dict[CapKind, Decimal] = {}
    for one in (change for item in items for change in item.changed):
        if one.was is not None and one.now is not None and one.now < one.was:
            saved[one.kind] = saved.get(one.kind, Decimal(0)) + one.was - one.now
    return saved


def with_outcome(item: Item, request: Request, workflow: Workflow) -> Item:
    """Its answer says how what it asked for has ended; `workflow` is what came of it."""
    if item.decided is None:
        return item

    def told(decision: Decision | Unreviewed) -> Decision | Unreviewed:
        if not isinstance(decision, Cap) or decision.request != request.id:
            return decision
        granted = workflow.caps.of(decision.kind) if request.state is State.APPROVED else None
        amount = granted or decision.amount
        return replace(decision, amount=amount, outcome=request.state, answer=request.answer)

    decided = item.decided
    asked = tuple(one for one in map(told, decided.asked) if isinstance(one, Cap) and one.waits)
    after = replace(
        decided,
        decision=told(decided.decision),
        caps=workflow.caps,
        tier=workflow.tier,
        asked=asked,
    )
    return replace(item, decided=after)


def _asked(decision: Decision | Unreviewed) -> Decision | Unreviewed:
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


def _is_answered(decision: Decision | Unreviewed) -> bool:
    return isinstance(decision, Cap) and decision.outcome is not None
