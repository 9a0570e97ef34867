"""What a person does about an alert, by one of its buttons."""

from dataclasses import dataclass
from datetime import datetime

from bot.delegations import Acting
from bot.people import editors
from bot.policy import Organisation
from bot.refusal import NotAllowed
from bot.teams import Team
from bot.workflows import NotThatWay, Status, Workflow


@dataclass(frozen=True)
class AlertAct:
    """`by` pressed on the message of that outbox key."""

    workflow: str
    notice: str
    by: str


def check_may_act(
    by: str, workflow: Workflow, team: Team, organisation: Organisation, now: datetime
) -> Acting:
    """Whoever may edit the workflow, or stands in for one of them. Raises NotAllowed naming who
    may.
    """
    found = _in(editors(workflow, team, organisation, now), by)
    if found is None:
        raise NotAllowed(_who_may(workflow, team, organisation, now))
    return found


def check_explains(workflow: Workflow) -> None:
    """Raises NotThatWay: no review would show what is said of a retired workflow."""
    if workflow.status is Status.RETIRED:
        raise NotThatWay(
            f"`{workflow.key}` is retired, and its alerts are over: no review will show an "
            "explanation any more."
        )


def check_may_see(
    by: str,
    told: tuple[str, ...],
    workflow: Workflow,
    team: Team,
    organisation: Organisation,
    now: datetime,
) -> Acting:
    """The same, and everybody who was asked. Raises NotAllowed."""
    return Acting(by) if by in told else check_may_act(by, workflow, team, organisation, now)


def _in(people: tuple[Acting, ...], by: str) -> Acting | None:
    return next((one for one in people if one.person == by), None)


def _who_may(workflow: Workflow, team: Team, organisation: Organisation, now: datetime) -> str:
    people = [f"<@{one.person}>" for one in editors(workflow, team, organisation, now)]
    who = f"{', '.join(people[:-1])} or {people[-1]}" if people[1:] else "".join(people)
    return f"On alerts of `{workflow.key}` may act: {who or 'an admin (none is set)'}."
