"""Whom a word about a workflow is for today, and who may answer in whose place."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.delegations import Acting, acting
from bot.people import answerable, approvers_of, approving
from bot.policy import Organisation
from bot.teams import Team
from bot.workflows import Workflow


@dataclass(frozen=True)
class Addressed:
    """`person` is spoken to, for `instead_of` where that is somebody else. `until`: when the owner
    is back, where they are away.
    """

    person: str | None
    instead_of: str | None = None
    until: datetime | None = None


def addressed(
    workflow: Workflow, team: Team, organisation: Organisation, now: datetime
) -> Addressed:
    """The owner; while they are away, or there is none, the backup, else the approver."""
    owner = workflow.owner
    until = back_at(owner, organisation, now)
    if owner is not None and until is None:
        return Addressed(owner)
    others = (workflow.backup, *approvers_of(workflow, team))
    for one in others:
        if one and one != owner and not organisation.is_away(one, now):
            return Addressed(one, owner, until)
    return Addressed(owner, None, until)


def whom_to_remind(
    workflow: Workflow, team: Team, organisation: Organisation, now: datetime
) -> tuple[str, ...]:
    """The owner, and whoever is spoken to while they are away, or in place of none."""
    people = (
        *answerable(workflow, organisation, now),
        addressed(workflow, team, organisation, now).person,
    )
    return tuple(dict.fromkeys(one for one in people if one))


def back_at(person: str | None, organisation: Organisation, now: datetime) -> datetime | None:
    """When their absence ends; None for whoever is there."""
    away = (one.end for one in organisation.absences if one.person == person and one.in_force(now))
    return max(away, default=None)


def escalates_to(
    workflow: Workflow,
    team: Team,
    organisation: Organisation,
    now: datetime,
    gone: Collection[str] = (),
) -> tuple[str, ...]:
    """Who hears what its people leave unanswered, and whoever stands in for them."""
    group = deciding(workflow, team, organisation, gone)
    people = (one.person for one in acting(group, organisation.delegations, now))
    return tuple(one for one in people if one not in gone)


def deciding(
    workflow: Workflow, team: Team, organisation: Organisation, gone: Collection[str] = ()
) -> tuple[str, ...]:
    """The approver, else finance, else admins: the first with anybody left who is not `gone`."""
    for group in (approvers_of(workflow, team), organisation.finance, organisation.admins):
        people = tuple(one for one in dict.fromkeys(group) if one not in gone)
        if people:
            return people
    return ()


def responsible(workflow: Workflow, team: Team, organisation: Organisation) -> tuple[str, ...]:
    """Owner, backup and approver (finance where nobody is), each once."""
    people = (workflow.owner, workflow.backup, *approving(workflow, team, organisation))
    return tuple(dict.fromkeys(one for one in people if one))


def answerers(workflow: Workflow, team: Team, organisation: Organisation) -> tuple[str, ...]:
    """The same, and admins."""
    people = (*responsible(workflow, team, organisation), *organisation.admins)
    return tuple(dict.fromkeys(people))


def entitled(
    by: str, group: Iterable[str], organisation: Organisation, now: datetime
) -> Acting | None:
    """How the person belongs to the group: as one of it, or standing in for one of it."""
    members = acting(group, organisation.delegations, now)
    return next((one for one in members if one.person == by), None)
