"""Offering a workflow to another owner: nothing changes until the person who was asked accepts."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.addressing import answerers, entitled, responsible
from bot.delegations import Acting
from bot.names import tidy
from bot.people import Person, check_member
from bot.periods import same_local_time, zone_now
from bot.policy import Organisation
from bot.refusal import NotAllowed, Refusal
from bot.teams import Team
from bot.workflows import NotThatWay, Status, Workflow

EXPIRES_DAYS = 3
NOTE_LENGTH = 300


class State(StrEnum):
    """`OVERTAKEN`: the workflow has another owner meanwhile, or is retired."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    OVERTAKEN = "overtaken"


class OfferedAlready(Refusal):
    """One open offer for each workflow."""


@dataclass(frozen=True, kw_only=True)
class Reassignment:
    """`owner` is whoever owned the workflow when it was offered to `to`; `asked_by` may have acted
    for `instead_of`. `channel` is where it is shown, under the review of that notice where it was
    offered there. `answer` is why it was declined.
    """

    id: str
    workflow: str
    owner: str | None
    to: str
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    channel: str
    instead_of: str | None = None
    note: str = ""
    under: str | None = None
    state: State = State.WAITING
    answered_by: str | None = None
    answered_at: datetime | None = None
    answer: str = ""

    @property
    def notice(self) -> str:
        """The outbox key of its message in the channel."""
        return f"reassignment:{self.id}"


def expiry(workflow: Workflow, now: datetime) -> datetime:
    """Three days later at the same local time."""
    return same_local_time(now, EXPIRES_DAYS, zone_now(workflow.calendars, now))


def check_may_reassign(
    by: str, workflow: Workflow, team: Team, organisation: Organisation, now: datetime
) -> Acting:
    """How the person may: as owner, backup, approver or admin, or standing in for one of them.
    Raises NotAllowed naming who may.
    """
    found = entitled(by, answerers(workflow, team, organisation), organisation, now)
    if found is not None:
        return found
    people = responsible(workflow, team, organisation)
    who = ", ".join(f"<@{one}>" for one in people)
    may = f"{who} (or an admin)" if who else "an admin"
    raise NotAllowed(f"Only {may} may ask somebody else to take over {workflow.key}.")


def check_not_retired(workflow: Workflow) -> None:
    if workflow.status is Status.RETIRED:
        raise NotThatWay(f"{workflow.key} is retired: nobody has to own it any more.")


def check_offer(workflow: Workflow, to: str, person: Person | None) -> None:
    """`person`: what is known of `to`. Raises Refusal beside the field."""
    check_not_retired(workflow)
    if to == workflow.owner:
        raise Refusal("That is its owner already: choose somebody else.", field="to")
    check_member(person, "to")


def read_note(text: str | None, *, field: str, needed: str = "") -> str:
    """On one line. Raises Refusal: too long, or `needed` where nothing is written."""
    note = tidy(text or "")
    if needed and not note:
        raise Refusal(needed, field=field)
    if len(note) > NOTE_LENGTH:
        raise Refusal(f"At most {NOTE_LENGTH} characters.", field=field)
    return note


def check_named(by: str, offer: Reassignment) -> None:
    """Raises NotAllowed: nobody accepts or declines for somebody else."""
    if by != offer.to:
        raise NotAllowed(f"Only <@{offer.to}> can answer this.")


def overtaken(offer: Reassignment, workflow: Workflow) -> str:
    """What has happened meanwhile that leaves nothing to accept; '' where nothing has."""
    if workflow.status is Status.RETIRED:
        return "the workflow was retired"
    if workflow.owner != offer.owner:
        return f"it belongs to <@{workflow.owner}> now" if workflow.owner else "its owner changed"
    return ""


def ended(
    offer: Reassignment, state: State, by: str, now: datetime, *, answer: str = ""
) -> Reassignment:
    return replace(offer, state=state, answered_by=by, answered_at=now, answer=answer)


def handed_over(workflow: Workflow, offer: Reassignment) -> Workflow:
    """It belongs to whoever accepted; nobody is their own backup."""
    backup = None if workflow.backup == offer.to else workflow.backup
    return replace(workflow, owner=offer.to, backup=backup)
