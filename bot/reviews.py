"""The weekly review: what an answer changes, who may give it, and when a thread is done."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.money import say
from bot.periods import CapKind, Period, local_day, zone_now
from bot.policy import Organisation
from bot.refusal import NotAllowed, Refusal
from bot.review_figures import Figures
from bot.teams import Team
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


def review_notice(team: str, week: Period) -> str:
    return f"review:{team}:{int(week.start.timestamp())}"


def check_may_open(by: str, organisation: Organisation) -> None:
    """Raises NotAllowed naming who may."""
    if by in organisation.admins:
        return
    who = " or ".join(f"<@{one}>" for one in organisation.admins) or "an admin (none is set)"
    raise NotAllowed(
        f"Only {who} may open the weekly review early. "
        f"It opens by itself on {organisation.policy.review_at}."
    )


def may_answer(by: str, workflow: Workflow, team: Team, organisation: Organisation) -> bool:
    """Owner, backup, approvers and admins."""
    return by in {*_named(workflow, team), *organisation.admins}


def check_may_answer(by: str, workflow: Workflow, team: Team, organisation: Organisation) -> None:
    """Raises NotAllowed naming who may."""
    if may_answer(by, workflow, team, organisation):
        return
    who = ", ".join(f"<@{one}>" for one in _named(workflow, team)) or "nobody yet"
    raise NotAllowed(f"For {workflow.key} may answer: {who} (or an admin).")


def check_open_to(
    said: Said, review: Review, item: Item, workflow: Workflow, now: datetime
) -> None:
    """The first answer counts; its giver and the owner may change it until the thread closes, and
    take back what can be taken back after that.

    Raises AlreadyDecided, ReviewClosed or NothingToDecide.
    """
    first = item.decided
    if first is not None and said.by not in {first.by, workflow.owner}:
        raise AlreadyDecided(
            f"Already decided by <@{first.by}>: {words(first.decision)}. "
            "Only they or the owner may change it."
        )
    if not is_reviewed(workflow):
        raise NothingToDecide(f"{workflow.key} is {workflow.status}: nothing is left to decide.")
    if said.undo and not may_be_taken_back(item, now):
        raise NothingToDecide("The day to undo this is over. `/budget edit` changes the tier.")
    if review.closed_at is not None and not said.undo:
        raise ReviewClosed("This review is closed. `/budget edit` changes the workflow itself.")


def may_be_taken_back(item: Item, now: datetime) -> bool:
    """A new tier for a day, a retirement until it happens (its workflow is still there)."""
    if item.decided is None:
        return False
    match item.decided.decision:
        case Reroute():
            return now < item.decided.at + UNDO_REROUTE
        case Retire():
            return True
        case _:
            return False


def without_answer(workflow: Workflow, item: Item, now: datetime) -> Workflow:
    """As it was before the item's answer, as far as that can be taken back. A lowered cap stays:
    going up again is a raise. What somebody changed since then stays, too.
    """
    if item.decided is None or not may_be_taken_back(item, now):
        return workflow
    match item.decided.decision:
        case Reroute(tier, Tier() as was) if workflow.tier is tier:
            return replace(workflow, tier=was)
        case Retire(on) if workflow.retire_on == on:
            return replace(workflow, retire_on=None)
        case _:
            return workflow


def request_to_withdraw(item: Item, said: Said) -> str | None:
    """The raise that this person asked for in their earlier answer."""
    match item.decided:
        case Decided(Cap(request=request), by) if by == said.by:
            return request
        case _:
            return None


def answered(
    workflow: Workflow, item: Item, decision: Decision, now: datetime
) -> tuple[Workflow, Decision]:
    """The record as the answer leaves it, and the answer with what it replaced. A raise changes
    nothing by itself. Raises NothingToDecide naming the field.
    """
    before = without_answer(workflow, item, now)
    match decision:
        case Keep():
            taken_back = item.decided is not None and before is not workflow
            was = choice_of(item.decided.decision) if item.decided and taken_back else None
            return before, Keep(was)
        case Cap():
            return _capped(before, decision)
        case Reroute(tier):
            return _rerouted(before, tier)
        case Retire(on):
            check_retire_on(on, before, now)
            return replace(before, retire_on=on), decision


def _rerouted(workflow: Workflow, tier: Tier) -> tuple[Workflow, Decision]:
    if tier is workflow.tier:
        raise NothingToDecide(
            f"{workflow.key} runs on the {tier} tier already. Answer keep to keep it.",
            field="tier",
        )
    return replace(workflow, tier=tier), Reroute(tier, workflow.tier)


def check_retire_on(on: date, workflow: Workflow, now: datetime) -> None:
    """Today or later where the workflow counts its days. Raises NothingToDecide."""
    today = local_day(now, zone_now(workflow.calendars, now))
    if on < today:
        raise NothingToDecide(
            f"{on:%-d %b %Y} is over. Choose today ({today:%-d %b %Y}) or a later day.",
            field="retire_on",
        )


def _capped(workflow: Workflow, cap: Cap) -> tuple[Workflow, Decision]:
    base = workflow.caps.of(cap.kind)
    if base == cap.amount:
        raise NothingToDecide(
            f"The {cap.kind} cap of {workflow.key} is {say(cap.amount)} already. "
            "Answer keep to keep it.",
            field="amount",
        )
    after = Cap(cap.kind, cap.amount, base)
    if after.raises:
        return workflow, after
    return replace(workflow, caps=workflow.caps.having(cap.kind, cap.amount)), after


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


def _named(workflow: Workflow, team: Team) -> tuple[str, ...]:
    people = (workflow.owner, workflow.backup, workflow.approver, team.approver)
    return tuple(dict.fromkeys(one for one in people if one))


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
