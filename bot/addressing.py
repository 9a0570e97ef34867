"""Whom a word about a workflow is for today, and who may answer in whose place."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.delegations import Acting, acting
from bot.people import answerable, approvers_of
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


def reminded(
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


def answerers(workflow: Workflow, team: Team, organisation: Organisation) -> tuple[str, ...]:
    """Owner, backup, approvers and admins, each once."""
    people = (workflow.owner, workflow.backup, workflow.approver, team.approver)
    return tuple(dict.fromkeys((*filter(None, people), *organisation.admins)))


def entitled(
    by: str, group: Iterable[str], organisation: Organisation, now: datetime
) -> Acting | None:
    """How the person belongs to the group: as one of it, or standing in for one of it."""
    members = acting(group, organisation.delegations, now)
    return next((one for one in members if one.person == by), None)
