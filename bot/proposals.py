"""A new record before it is saved."""

from dataclasses import dataclass
from datetime import datetime

from bot.people import may_activate
from bot.policy import Organisation
from bot.teams import Team
from bot.workflows import Workflow, missing


@dataclass(frozen=True)
class Proposal:
    """`lacking` keeps it proposed; `activates`: may the person who writes it activate it?"""

    workflow: Workflow
    team: Team
    lacking: tuple[str, ...]
    activates: bool

    @property
    def may_start(self) -> bool:
        return self.activates and not self.lacking


def proposal(
    workflow: Workflow, team: Team, by: str, organisation: Organisation, now: datetime
) -> Proposal:
    activates = may_activate(by, workflow, team, organisation, now)
    return Proposal(workflow, team, missing(workflow, team), activates)
