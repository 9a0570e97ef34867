"""From one status to the next by a person's hand: who may, from where, and what then holds."""

from datetime import date, datetime
from enum import StrEnum

from bot.people import check_may_activate, check_may_edit
from bot.periods import local_day, zone_now
from bot.policy import Organisation
from bot.teams import Team
from bot.workflows import Kind, NotThatWay, Status, Workflow, activated, moved


class Move(StrEnum):
    ACTIVATE = "activate"
    PAUSE = "pause"
    RESUME = "resume"

    @property
    def done(self) -> str:
        return f"{self.value.removesuffix('e')}ed"


# Activating is agreeing to the contract; resuming only takes back a pause.
_FROM = {
    Move.ACTIVATE: (Status.PROPOSED, Status.ENDED),
    Move.PAUSE: (Status.ACTIVE,),
    Move.RESUME: (Status.PAUSED,),
}
_TO = {
    Move.ACTIVATE: Status.ACTIVE,
    Move.PAUSE: Status.PAUSED,
    Move.RESUME: Status.ACTIVE,
}
_INSTEAD = {
    Status.PROPOSED: " `/budget activate {key}` starts it.",
    Status.PAUSED: " `/budget resume {key}` takes the pause back.",
    Status.ACTIVE: "",
    Status.RETIRED: " What is retired stays so; `/budget register` makes a new one.",
    Status.ENDED: " With a new last day (`/budget edit {key}`) it may be activated again.",
}


def made(
    move: Move, workflow: Workflow, team: Team, by: str, organisation: Organisation, now: datetime
) -> Workflow:
    """The workflow after the move. Raises NotAllowed, NotThatWay."""
    if move is Move.ACTIVATE:
        check_may_activate(by, workflow, team, organisation, now)
    check_may_edit(by, workflow, team, organisation, now)
    if workflow.status not in _FROM[move]:
        if workflow.status is _TO[move]:
            raise NotThatWay(f"`{workflow.key}` is {workflow.status} already: nothing to do.")
        instead = _INSTEAD[workflow.status].format(key=workflow.key)
        raise NotThatWay(f"`{workflow.key}` is {workflow.status}.{instead}")
    if move is Move.PAUSE:
        return moved(workflow, Status.PAUSED, now)
    if move is Move.RESUME:
        return moved(workflow, Status.ACTIVE, now)
    return _not_over(activated(workflow, team, by, now), now)


def _not_over(workflow: Workflow, now: datetime) -> Workflow:
    if is_past_experiment(workflow, now):
        raise NotThatWay(
            f"Its last day has passed. Give `{workflow.key}` a new one: "
            f"`/budget edit {workflow.key}`."
        )
    return workflow


def is_over(last_day: date | None, workflow: Workflow, now: datetime) -> bool:
    """A last day is inclusive, and local to the workflow."""
    return last_day is not None and local_day(now, zone_now(workflow.calendars, now)) > last_day


def is_past_experiment(workflow: Workflow, now: datetime) -> bool:
    """A running experiment whose date has passed."""
    running = workflow.status in {Status.ACTIVE, Status.PAUSED}
    experiment = workflow.kind is Kind.EXPERIMENT
    return running and experiment and is_over(workflow.ends_on, workflow, now)
