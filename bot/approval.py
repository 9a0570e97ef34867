"""Who may say yes: the approver, finance or an admin; never the requester, never the owner."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.askable import LENGTHS
from bot.caps import running_period
from bot.money import ZERO
from bot.names import tidy
from bot.overrides import Override
from bot.people import approvers_of
from bot.periods import Period
from bot.policy import Organisation
from bot.refusal import NotAllowed, Refusal
from bot.requests import Request, RequestDraft, Standing, Step, end_of, touched
from bot.workflows import Workflow

_SHOWN = 5


class NobodyMayApprove(Refusal):
    """Every group is empty once the requester and the owner are left out."""


@dataclass(frozen=True)
class Approvers:
    """The one group that may answer."""

    step: Step
    people: tuple[str, ...]


def approvers_for(
    draft: RequestDraft, standing: Standing, organisation: Organisation, now: datetime
) -> Approvers:
    """The first group with anybody left in it. Raises NobodyMayApprove naming what to set."""
    barred = _barred(draft, standing)
    for step, group in _groups(draft, standing, organisation, now):
        people = tuple(one for one in dict.fromkeys(group) if one not in barred)
        if people:
            return Approvers(step, people)
    raise NobodyMayApprove(
        "Nobody may approve this: ask an admin to set an approver for team "
        f"{standing.team.key}, or `finance`, in the contract file.",
        field="workflow",
    )


def _groups(
    draft: RequestDraft, standing: Standing, organisation: Organisation, now: datetime
) -> Iterator[tuple[Step, tuple[str, ...]]]:
    already = granted_already(draft, standing, now)
    if _size(draft, standing.workflow, now) + already <= organisation.policy.finance_over:
        yield Step.APPROVER, approvers_of(standing.workflow, standing.team)
    yield Step.FINANCE, organisation.finance
    yield Step.ADMINS, organisation.admins


def _size(draft: RequestDraft, workflow: Workflow, now: datetime) -> Decimal:
    """USD in all the periods it touches; of a raise for good, what it adds to one."""
    end = end_of(draft, workflow, now)
    return draft.more * (1 if end is None else touched(workflow, draft.cap, now, end))


def granted_already(draft: RequestDraft, standing: Standing, now: datetime) -> Decimal:
    """USD granted on this cap for the running period: by overrides that reach into it, ended or
    not, each with all it gives, and by raises of the base within it. So splitting a request avoids
    nobody.
    """
    workflow = standing.workflow
    period = running_period(workflow, draft.cap, now)
    lent = (
        one.amount * touched(workflow, one.cap, one.start, one.end)
        for one in standing.overrides
        if one.cap is draft.cap and _reaches(one, period)
    )
    given = (
        one.more
        for one in standing.raised
        if one.cap is draft.cap and one.answered_at is not None and one.answered_at in period
    )
    return sum(lent, ZERO) + sum(given, ZERO)


def _reaches(override: Override, period: Period) -> bool:
    return override.start < period.end and override.end > period.start


def _barred(draft: RequestDraft, standing: Standing) -> frozenset[str | None]:
    """The requester, today's owner, and whoever owned it when it was asked."""
    then = draft.owner if isinstance(draft, Request) else None
    return frozenset({draft.asked_by, standing.workflow.owner, then})


def may_answer(
    by: str, request: Request, standing: Standing, organisation: Organisation, now: datetime
) -> bool:
    try:
        return by in approvers_for(request, standing, organisation, now).people
    except NobodyMayApprove:
        return False


def read_denial(text: str) -> str:
    """The reason on one line. Raises Refusal: a no without one helps nobody."""
    reason = tidy(text)
    if not reason:
        raise Refusal("Say why: the requester is told.", field="reason")
    if len(reason) > LENGTHS["reason"]:
        raise Refusal(f"At most {LENGTHS['reason']} characters.", field="reason")
    return reason


def check_may_answer(by: str, request: Request, standing: Standing, approvers: Approvers) -> None:
    """Raises NotAllowed saying why not, and who may."""
    if by in approvers.people:
        return
    who = " or ".join(f"<@{one}>" for one in approvers.people[:_SHOWN])
    raise NotAllowed(f"{_why_not(by, request, standing, approvers)} {who} may answer.")


def _why_not(by: str, request: Request, standing: Standing, approvers: Approvers) -> str:
    if by == request.asked_by:
        return "Nobody answers their own request."
    if by in _barred(request, standing):
        return "An owner does not approve more for their own workflow."
    if approvers.step is Step.FINANCE:
        return "This one is for finance."
    return "You are not its approver."
