"""A new workflow's first review, seven days after its activation: expand, cut, change, or fine."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from bot.delegations import Acting
from bot.money import ZERO
from bot.periods import same_local_time, zone_now
from bot.positions import Position
from bot.workflows import Workflow

AFTER_DAYS = 7
# After it was asked: when the owner is reminded, the approver is told, and it is left as it is.
_STEPS = (2, 4, 7)


class Choice(StrEnum):
    EXPAND = "expand"
    CUT = "cut"
    CHANGE = "change"
    FINE = "fine"


class State(StrEnum):
    """`LAPSED`: nobody decided, or the workflow was retired."""

    AHEAD = "ahead"
    ASKED = "asked"
    DECIDED = "decided"
    LAPSED = "lapsed"


@dataclass(frozen=True, kw_only=True)
class FirstReview:
    """`due_at` is when it is asked; `next_at` when the clock does the next thing to it, None when
    nothing is left. `step` counts what the clock has done since it was asked. `detail` is what was
    decided, in a few words. `version` is the stored state it was read from.
    """

    workflow: str
    due_at: datetime
    state: State = State.AHEAD
    channel: str = ""
    zone: str = "UTC"
    asked_at: datetime | None = None
    step: int = 0
    next_at: datetime | None = None
    choice: Choice | None = None
    by: str | None = None
    instead_of: str | None = None
    at: datetime | None = None
    detail: str = ""
    version: int = 1

    @property
    def notice(self) -> str:
        """The outbox key of its message in the channel."""
        return f"first-review:{self.workflow}"


@dataclass(frozen=True)
class FirstWeek:
    """Where it stands, what it spent since its activation in USD, and how often somebody asked for
    more or an alert was raised.
    """

    position: Position
    spent: Decimal = ZERO
    model: str = ""
    model_cost: Decimal = ZERO
    requests: int = 0
    alerts: int = 0


@dataclass(frozen=True)
class Times:
    """When the owner is reminded, the approver is told, and it is left as it is (UTC)."""

    reminded: datetime
    escalated: datetime
    closed: datetime


def ahead(workflow: Workflow, activated_at: datetime) -> FirstReview:
    zone = zone_now(workflow.calendars, activated_at) if workflow.calendars else "UTC"
    due = same_local_time(activated_at, AFTER_DAYS, zone)
    return FirstReview(workflow=workflow.key, due_at=due, next_at=due, zone=zone)


def times(one: FirstReview) -> Times:
    asked = one.asked_at or one.due_at
    return Times(*(same_local_time(asked, days, one.zone) for days in _STEPS))


def asked(one: FirstReview, channel: str, zone: str, now: datetime) -> FirstReview:
    after = replace(one, state=State.ASKED, channel=channel, zone=zone, asked_at=now)
    return replace(after, next_at=times(after).reminded)


def stepped(one: FirstReview) -> FirstReview:
    """The owner was reminded, then the approver told, then it is left as it is."""
    due = times(one)
    match one.step:
        case 0:
            return replace(one, step=1, next_at=due.escalated)
        case 1:
            return replace(one, step=2, next_at=due.closed)
        case _:
            return replace(one, step=3, state=State.LAPSED, next_at=None)


def lapsed(one: FirstReview) -> FirstReview:
    return replace(one, state=State.LAPSED, next_at=None)


def decided(
    one: FirstReview, choice: Choice, by: Acting, now: datetime, *, detail: str
) -> FirstReview:
    return replace(
        one,
        state=State.DECIDED,
        choice=choice,
        by=by.person,
        instead_of=by.instead_of,
        at=now,
        detail=detail,
        next_at=None,
    )


def stands_before(one: FirstReview, now: datetime) -> bool:
    """The weekly review leaves the workflow to it: it is asked soon, or waits for an answer."""
    return one.state is State.ASKED or (one.state is State.AHEAD and one.due_at > now)
