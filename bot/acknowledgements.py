"""An alert that somebody has to look at: who is asked when nobody does, and what stops it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.alerts import CapWatch
from bot.delegations import acting
from bot.people import approvers_of
from bot.policy import Organisation
from bot.refusal import Refusal
from bot.teams import Team
from bot.workflows import Workflow


class Role(StrEnum):
    """In the order in which they are asked, after the owner."""

    BACKUP = "backup"
    APPROVER = "approver"
    FINANCE = "finance"


class Standing(StrEnum):
    """`OVER`: nobody had to act any more, because the period ended or the spend was corrected."""

    WAITING = "waiting"
    SEEN = "seen"
    OVER = "over"


class NothingWaits(Refusal):
    """Nobody is asked about this alert any more."""


@dataclass(frozen=True)
class Acknowledgement:
    """One running clock for a workflow, from the first alert at or above its soft limit on.

    `hours` after `asked_at` the next role is asked, `step` is the number of those that were;
    `told` are the people asked so far. `notices` are the messages that state the clock, `thread`
    the one that replies go under. `paused_until`: no step before, since the alerts are snoozed.
    `last_change` is the newest audit entry that was looked at. `version` is the stored state this
    value was read from.
    """

    id: str
    workflow: str
    threshold: int
    critical: bool
    asked_at: datetime
    ends_at: datetime
    hours: tuple[int, ...]
    thread: str
    notices: tuple[str, ...]
    told: tuple[str, ...] = ()
    step: int = 0
    standing: Standing = Standing.WAITING
    paused_until: datetime | None = None
    by: str | None = None
    instead_of: str | None = None
    seen_at: datetime | None = None
    how: str = ""
    last_change: int = 0
    version: int = 1

    @property
    def next_at(self) -> datetime | None:
        """When the next role is asked, unless the clock stands still or all were."""
        if self.paused_until is not None or self.step >= len(self.hours):
            return None
        return self.asked_at + timedelta(hours=self.hours[self.step])

    @property
    def key(self) -> str:
        """What the outbox keys of its replies and words begin with."""
        return f"acknowledge:{self.id}"

    @property
    def word_keys(self) -> tuple[str, ...]:
        """The outbox keys of the words to those who were asked because nobody had acted."""
        return tuple(one for one in self.notices if one.startswith(f"{self.key}:"))


@dataclass(frozen=True)
class Ask:
    """These people are asked at that moment."""

    role: Role
    people: tuple[str, ...]
    at: datetime


def asks(workflow: Workflow, threshold: int) -> bool:
    """At the soft limit and above, somebody has to look."""
    return threshold >= workflow.soft_limit


def still_asks(workflow: Workflow, caps: Iterable[CapWatch]) -> bool:
    """Whether anything of it holds: a corrected bill or a higher cap needs no answer."""
    return any(asks(workflow, at) for cap in caps for at in cap.reached)


def in_role(
    role: Role, workflow: Workflow, team: Team, organisation: Organisation, now: datetime
) -> tuple[str, ...]:
    """Whoever holds the role now, and whoever stands in for them."""
    group: dict[Role, tuple[str | None, ...]] = {
        Role.BACKUP: (workflow.backup,),
        Role.APPROVER: approvers_of(workflow, team),
        Role.FINANCE: organisation.finance,
    }
    held = [one for one in group[role] if one]
    return tuple(one.person for one in acting(held, organisation.delegations, now))


def ahead(
    waiting: Acknowledgement,
    workflow: Workflow,
    team: Team,
    organisation: Organisation,
    now: datetime,
) -> tuple[Ask, ...]:
    """Who is still to be asked before the period ends. Nobody is asked twice; a role without
    anybody new is skipped.
    """
    told = set(waiting.told)
    asks = []
    for role, hours in list(zip(Role, waiting.hours, strict=False))[waiting.step :]:
        found = in_role(role, workflow, team, organisation, now)
        people = tuple(one for one in found if one not in told)
        told |= {*people}
        at = waiting.asked_at + timedelta(hours=hours)
        if people and at < waiting.ends_at:
            asks.append(Ask(role, people, at))
    return tuple(asks)


def asked_already(
    waiting: Acknowledgement,
    workflow: Workflow,
    team: Team,
    organisation: Organisation,
    now: datetime,
) -> tuple[Role, ...]:
    """The roles that were asked, as far as they are held by the same people still."""
    words = {*waiting.word_keys}
    return tuple(
        role
        for role in Role
        for people in [in_role(role, workflow, team, organisation, now)]
        if any(f"{waiting.key}:dm:{one}" in words for one in people)
    )


def steps_due(waiting: Acknowledgement, now: datetime) -> int:
    """How many of its steps lie behind."""
    return sum(1 for hours in waiting.hours if waiting.asked_at + timedelta(hours=hours) <= now)
