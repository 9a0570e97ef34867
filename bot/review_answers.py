"""What an answer in the weekly review changes, and who may give it (laws 7 and 9)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.addressing import answerers, entitled, responsible
from bot.delegations import Acting, acting
from bot.money import say
from bot.policy import Organisation
from bot.refusal import NotAllowed, Refusal
from bot.review_decisions import Cap, Decision, Keep, Reroute, Retire, choice_of, words
from bot.reviews import (
    AlreadyDecided,
    Item,
    NothingToDecide,
    Review,
    ReviewClosed,
    Said,
    check_retire_on,
    is_reviewed,
)
from bot.teams import Team
from bot.workflows import Tier, Workflow

UNDO_REROUTE = timedelta(days=1)
CLOSED = "This review is closed. `/budget edit` changes the workflow itself."


class WhichWorkflow(Refusal):
    """The person answers for several, and named none of them."""

    def __init__(self, workflows: tuple[str, ...]) -> None:
        super().__init__("For which workflow?")
        self.workflows = workflows


@dataclass(frozen=True)
class Asked:
    """The workflows of a thread with whom they belong to today."""

    review: Review
    workflows: Mapping[str, Workflow]
    teams: Mapping[str, Team]
    organisation: Organisation
    now: datetime

    def for_whom(self, by: str) -> tuple[tuple[str, ...], ...]:
        """The keys the person owns, backs up, and otherwise may answer for."""
        known = [w for item in self.review.items if (w := self.workflows.get(item.workflow))]
        owned = tuple(one.key for one in known if one.owner == by)
        backed = tuple(one.key for one in known if one.backup == by)
        answered_for = tuple(one.key for one in known if self._may(by, one))
        return owned, backed, answered_for

    def _may(self, by: str, workflow: Workflow) -> bool:
        return may_answer(by, workflow, self.teams[workflow.team], self.organisation, self.now)


def meant_by(by: str, asked: Asked) -> str:
    """The one workflow a reply without a name is about: what the person owns, else backs up, else
    may answer for; the only one of those, or the only undecided.

    Raises WhichWorkflow, or NotAllowed where there is none.
    """
    for keys in filter(None, asked.for_whom(by)):
        open_ones = [key for key in keys if asked.review.item(key).decided is None]
        meant = keys if len(keys) == 1 else open_ones
        if len(meant) == 1:
            return meant[0]
        raise WhichWorkflow(tuple(open_ones or keys))
    raise NotAllowed(f"You may answer for no workflow of this review. {_owners(asked)}")


def _owners(asked: Asked) -> str:
    owners = dict.fromkeys(w.owner for w in asked.workflows.values() if w.owner)
    return f"Its owners do: {', '.join(f'<@{one}>' for one in owners)}." if owners else ""


def check_may_open(by: str, organisation: Organisation) -> None:
    """Raises NotAllowed naming who may."""
    if by in organisation.admins:
        return
    who = " or ".join(f"<@{one}>" for one in organisation.admins) or "an admin (none is set)"
    raise NotAllowed(
        f"Only {who} may open the weekly review early. "
        f"It opens by itself on {organisation.policy.review_at}."
    )


def answering(
    workflow: Workflow, team: Team, organisation: Organisation, now: datetime
) -> tuple[Acting, ...]:
    """Owner, backup, approver, admins, and whoever stands in for one of them."""
    return acting(answerers(workflow, team, organisation), organisation.delegations, now)


def may_answer(
    by: str, workflow: Workflow, team: Team, organisation: Organisation, now: datetime
) -> bool:
    return any(by == one.person for one in answering(workflow, team, organisation, now))


def is_asked(
    user: str, workflow: Workflow, team: Team, organisation: Organisation, now: datetime
) -> bool:
    """Whether its review waits for them: an admin may answer for all, and is asked about none."""
    return entitled(user, responsible(workflow, team, organisation), organisation, now) is not None


def check_may_answer(
    by: str, workflow: Workflow, team: Team, organisation: Organisation, now: datetime
) -> None:
    """Raises NotAllowed naming who may."""
    if may_answer(by, workflow, team, organisation, now):
        return
    people = responsible(workflow, team, organisation)
    who = ", ".join(f"<@{one}>" for one in people) or "nobody yet"
    raise NotAllowed(f"For {workflow.key} may answer: {who} (or an admin).")


def check_open_to(
    said: Said, review: Review, item: Item, workflow: Workflow, now: datetime
) -> None:
    """The first answer counts; its giver and the owner may change it until the thread closes, and
    take back what can be taken back after that.

    Raises AlreadyDecided, ReviewClosed or NothingToDecide.
    """
    first = item.decided
    if first is not None and not item.unreviewed and said.by not in {first.by, workflow.owner}:
        raise AlreadyDecided(
            f"Already decided by <@{first.by}>: {words(first.decision)}. "
            "Only they or the owner may change it."
        )
    if not is_reviewed(workflow):
        raise NothingToDecide(f"{workflow.key} is {workflow.status}: nothing is left to decide.")
    if said.undo and not may_be_taken_back(item, now):
        raise NothingToDecide("The day to undo this is over. `/budget edit` changes the tier.")
    if review.closed_at is not None and not said.undo:
        raise ReviewClosed(CLOSED)


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


def requests_to_withdraw(item: Item, decision: Decision) -> tuple[str, ...]:
    """The raises asked in earlier answers that this one replaces, as far as its giver asked them.
    One cap leaves another alone.
    """
    kind = decision.kind if isinstance(decision, Cap) else None
    return tuple(one.request for one in item.waiting if one.request and kind in {None, one.kind})


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
