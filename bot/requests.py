"""Asking for more: what is asked, by whom, and how far it has come."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from bot.overrides import Override
from bot.periods import CapKind
from bot.proven import Proven
from bot.refusal import Refusal
from bot.teams import Team
from bot.workflows import Caps, Workflow


class Until(StrEnum):
    """How long the extra money is there. `PERIOD` is the cap's own; `PERMANENT` raises the base."""

    PERIOD = "period"
    WEEK = "week"
    MONTH = "month"
    DAYS = "days"
    PERMANENT = "permanent"


class State(StrEnum):
    """`CLOSED`: the workflow was retired before anybody answered."""

    WAITING = "waiting"
    APPROVED = "approved"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    CLOSED = "closed"


class Step(StrEnum):
    """Which group of people answers."""

    APPROVER = "approver"
    FINANCE = "finance"
    ADMINS = "admins"


class Path(StrEnum):
    """Which way a request goes. `NORMAL`: the chain; `SMALL`: through by itself; `EXPEDITED`: past
    the chain, for proven return; `BREAK_GLASS`: at once, looked at afterwards.
    """

    NORMAL = "normal"
    SMALL = "small"
    EXPEDITED = "expedited"
    BREAK_GLASS = "break_glass"


class NotAskable(Refusal):
    """Nobody could say yes to this."""


class NotWaiting(Refusal):
    """It was answered, withdrawn, or has expired; the first act counts (law 7)."""


@dataclass(frozen=True, kw_only=True)
class RequestDraft:
    """`amount` USD more on one cap. `days` goes with `Until.DAYS`; people are Slack ids."""

    workflow: str
    cap: CapKind
    amount: Decimal
    until: Until
    asked_by: str
    reason: str
    outcome: str = ""
    target: str = ""
    if_refused: str = ""
    days: int | None = None

    @property
    def permanent(self) -> bool:
        return self.until is Until.PERMANENT

    @property
    def more(self) -> Decimal:
        """USD that an approval now would add."""
        return self.amount


@dataclass(frozen=True)
class Approval:
    """A yes to one step of the chain, for `instead_of` where `by` stands in for somebody."""

    step: Step
    by: str
    instead_of: str | None
    at: datetime


@dataclass(frozen=True)
class Question:
    """Asked by somebody who may answer the request; the requester's words back, '' until then."""

    text: str
    by: str
    at: datetime
    answer: str = ""
    answered_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Request(RequestDraft):
    """`owner` is whoever owned the workflow when it was asked, `channel` where its card stands.

    `step` waits, since `step_since` (None: since it was asked). `granted` is USD where less than
    `amount` was approved. `edition` grows when what is asked becomes something else, `version`
    with every change; `amended_at` is when its author last changed it. `reminds_at` and
    `escalates_at` are the clocks of the running step.
    """

    id: str
    asked_at: datetime
    expires_at: datetime
    owner: str | None
    channel: str
    step: Step
    state: State = State.WAITING
    answered_by: str | None = None
    answered_at: datetime | None = None
    answer: str = ""
    path: Path = Path.NORMAL
    approvals: tuple[Approval, ...] = ()
    granted: Decimal | None = None
    questions: tuple[Question, ...] = ()
    version: int = 1
    edition: int = 1
    amended_at: datetime | None = None
    step_since: datetime | None = None
    reminds_at: datetime | None = None
    escalates_at: datetime | None = None
    escalated_at: datetime | None = None

    @property
    def more(self) -> Decimal:
        """USD that it stands for: what was asked, or the less that was approved of it."""
        return self.amount if self.granted is None else self.granted

    @property
    def notice(self) -> str:
        """The outbox key of its card in the channel."""
        return f"request:{self.id}"


@dataclass(frozen=True)
class Standing:
    """What a request is judged against. `overrides`: all the workflow ever had, `waiting`: its
    open requests, `raised`: the permanent raises it was granted, `proven`: that its return is.
    """

    workflow: Workflow
    team: Team
    overrides: tuple[Override, ...] = ()
    waiting: tuple[Request, ...] = ()
    raised: tuple[Request, ...] = ()
    proven: Proven | None = None


def raises(workflow: Workflow, wanted: Caps, *, by: str, reason: str) -> tuple[RequestDraft, ...]:
    """A permanent raise for each cap that `wanted` has above today's, the longest period first,
    so that each may be asked knowing of those before it.
    """
    return tuple(
        RequestDraft(
            workflow=workflow.key,
            cap=kind,
            amount=cap - base,
            until=Until.PERMANENT,
            asked_by=by,
            reason=reason,
        )
        for kind, cap in reversed(wanted.present())
        if (base := workflow.caps.of(kind)) is not None and cap > base
    )


@dataclass(frozen=True)
class Less:
    """What an approver grants instead: USD, and until when; `days` goes with `Until.DAYS`."""

    amount: Decimal
    until: Until
    days: int | None = None


@dataclass(frozen=True)
class Reply:
    """Somebody presses a button of a request. `channel` is where its card was pressed, None in a
    person's own list; `edition` which one they looked at, where that is known; `verdict` APPROVED
    or DENIED, `reason` what they say to it.
    """

    request: str
    by: str
    channel: str | None
    verdict: State = State.APPROVED
    reason: str = ""
    edition: int | None = None
    less: Less | None = None


def ended(request: Request, state: State, by: str, now: datetime, *, answer: str = "") -> Request:
    return replace(request, state=state, answered_by=by, answered_at=now, answer=answer)
