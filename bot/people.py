"""Who a person is, and what they may do. Asked at the moment of the act (law 9)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.delegations import Acting, acting
from bot.policy import Organisation
from bot.refusal import NotAllowed, Refusal
from bot.teams import Team
from bot.workflows import Workflow

NO_MEMBER = "That is a guest, a bot, or somebody who left: choose a full member."


@dataclass(frozen=True)
class Person:
    """What Slack says of an account. `outsider`: a guest, or somebody of another organisation."""

    id: str
    name: str
    timezone: str | None
    outsider: bool
    deleted: bool
    read_at: datetime

    @property
    def is_member(self) -> bool:
        """A full member of the organisation, who may hold a role."""
        return not (self.outsider or self.deleted)


def check_member(person: Person | None, field: str) -> None:
    """Raises Refusal beside the field. Whom nobody knows yet passes."""
    if person is not None and not person.is_member:
        raise Refusal(NO_MEMBER, field=field)


def approvers_of(workflow: Workflow, team: Team) -> tuple[str, ...]:
    """The workflow's own approver, else its team's."""
    named = workflow.approver or team.approver
    return (named,) if named else ()


def approving(workflow: Workflow, team: Team, organisation: Organisation) -> tuple[str, ...]:
    """The approver; finance where nobody is."""
    return approvers_of(workflow, team) or organisation.finance


def answerable(workflow: Workflow, organisation: Organisation, now: datetime) -> tuple[str, ...]:
    """Whom to address: the owner, with the backup beside them while they are away; the backup where
    nobody owns it. Empty where there is neither.
    """
    owner, backup = workflow.owner, workflow.backup
    if owner and not organisation.is_away(owner, now):
        return (owner,)
    return tuple(dict.fromkeys(one for one in (owner, backup) if one))


def editors(
    workflow: Workflow, team: Team, organisation: Organisation, now: datetime
) -> tuple[Acting, ...]:
    """Owner, backup, approver, admins, and whoever stands in for one of them."""
    group = (
        workflow.owner,
        workflow.backup,
        *approving(workflow, team, organisation),
        *organisation.admins,
    )
    return acting((one for one in group if one), organisation.delegations, now)


def may_edit(
    by: str, workflow: Workflow, team: Team, organisation: Organisation, now: datetime
) -> bool:
    return any(by == one.person for one in editors(workflow, team, organisation, now))


def check_may_edit(
    by: str,
    workflow: Workflow,
    team: Team,
    organisation: Organisation,
    now: datetime,
    *,
    deed: str = "change",
) -> None:
    """Raises NotAllowed naming who may."""
    if may_edit(by, workflow, team, organisation, now):
        return
    others = "an admin" if approvers_of(workflow, team) else "finance or an admin"
    raise NotAllowed(f"Only {who_may(workflow, team, others)} may {deed} {workflow.key}.")


def stood_in_for(by: str, people: Iterable[Acting]) -> str | None:
    """For whom the person acts, where it is not for themselves."""
    return next((one.instead_of for one in people if one.person == by), None)


def may_activate(
    by: str, workflow: Workflow, team: Team, organisation: Organisation, now: datetime
) -> bool:
    """The owner, the approver or an admin, or who stands in for one of them: their activation is
    the agreement to the contract.
    """
    group = (workflow.owner, *approvers_of(workflow, team), *organisation.admins)
    able = acting((one for one in group if one), organisation.delegations, now)
    return any(by == one.person for one in able)


def check_may_activate(
    by: str,
    workflow: Workflow,
    team: Team,
    organisation: Organisation,
    now: datetime,
    *,
    deed: str = "activate",
) -> None:
    """The same people may retire it. Raises NotAllowed naming who may."""
    if not may_activate(by, workflow, team, organisation, now):
        raise NotAllowed(f"Only {who_may(workflow, team)} may {deed} {workflow.key}.")


def who_may(workflow: Workflow, team: Team, others: str = "an admin") -> str:
    """`<@U0OWEN> or <@U0ANA> (or an admin)`."""
    may = [f"<@{one}>" for one in (workflow.owner, *approvers_of(workflow, team)) if one]
    return f"{' or '.join(dict.fromkeys(may))} (or {others})" if may else others
