"""Somebody's account is gone: what they held, and who names the next owner."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.addressing import entitled
from bot.delegations import Acting
from bot.people import Person
from bot.policy import Organisation
from bot.refusal import NotAllowed, Refusal, TooLate
from bot.teams import Team
from bot.workflows import Status, Workflow


@dataclass(frozen=True)
class OwnerQuestion:
    """Who is to own `workflow`, now that `departed` left. `stand_in` owns it meanwhile, if anybody
    does; `asked` were sent the question.
    """

    id: str
    workflow: str
    departed: str
    stand_in: str | None
    asked: tuple[str, ...]
    at: datetime
    settled_by: str | None = None
    settled_at: datetime | None = None
    owner: str | None = None

    @property
    def notice(self) -> str:
        """The outbox key of the word in the channel."""
        return f"owner:{self.workflow}:{int(self.at.timestamp())}"

    def notice_to(self, person: str) -> str:
        return f"{self.notice}:ask:{person}"


@dataclass(frozen=True)
class Held:
    """What somebody who left stands for: workflows by key, teams by key."""

    owned: tuple[Workflow, ...]
    backed: tuple[Workflow, ...]
    approved: tuple[Workflow, ...]
    teams: tuple[Team, ...]
    finance: bool
    admin: bool

    def __bool__(self) -> bool:
        return any(vars(self).values())


def held_by(
    person: str, workflows: Iterable[Workflow], teams: Iterable[Team], organisation: Organisation
) -> Held:
    """Of workflows that are not retired."""
    living = [one for one in workflows if one.status is not Status.RETIRED]
    return Held(
        tuple(one for one in living if one.owner == person),
        tuple(one for one in living if one.backup == person),
        tuple(one for one in living if one.approver == person),
        tuple(team for team in teams if team.approver == person),
        person in organisation.finance,
        person in organisation.admins,
    )


def is_here(person: Person | None) -> bool:
    """Whether they may hold a role, as far as anybody knows."""
    return person is None or person.is_member


def check_may_name(
    by: str, asked: Iterable[str], workflow: Workflow, organisation: Organisation, now: datetime
) -> Acting:
    """Who is to be `asked` today, or an admin, or who stands in for one. Raises NotAllowed."""
    group = (*asked, *organisation.admins)
    found = entitled(by, group, organisation, now)
    if found is None:
        who = " or ".join(f"<@{one}>" for one in dict.fromkeys(group)) or "an admin"
        raise NotAllowed(f"Only {who} may name the owner of {workflow.key}.")
    return found


def check_open(question: OwnerQuestion, workflow: Workflow) -> None:
    """Raises TooLate saying who owns it."""
    if question.settled_by is not None:
        raise TooLate(
            f"<@{question.settled_by}> was faster: {workflow.key} is owned by "
            f"<@{question.owner}>. `/budget edit {workflow.key}` changes it."
        )
    if workflow.owner not in {None, question.stand_in, question.departed}:
        raise TooLate(
            f"{workflow.key} has got another owner meanwhile: <@{workflow.owner}>. "
            f"`/budget edit {workflow.key}` changes it."
        )
    if workflow.status is Status.RETIRED:
        raise TooLate(f"{workflow.key} is retired: it needs no owner any more.")


def check_can_own(person: Person | None, *, known: bool) -> None:
    """`known`: they hold a role here already. Raises Refusal beside the choice."""
    if person is None and known:
        return
    if person is None:
        raise Refusal("Slack does not say who that is. Try again.", field="owner")
    if person.deleted:
        raise Refusal("That account is deactivated. Choose somebody else.", field="owner")
    if person.outsider:
        raise Refusal(
            "Guests, bots and people of other organisations own nothing here.", field="owner"
        )


def on_the_roll(
    workflows: Iterable[Workflow], teams: Iterable[Team], organisation: Organisation
) -> frozenset[str]:
    """Everybody who holds a role, or stands in for who does."""
    known = {*organisation.finance, *organisation.admins}
    known |= {one.to for one in organisation.delegations}
    known |= {team.approver for team in teams if team.approver}
    for one in workflows:
        if one.status is not Status.RETIRED:
            known |= {each for each in (one.owner, one.backup, one.approver) if each}
    return frozenset(known)
