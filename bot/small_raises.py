"""Raises so small that the policy grants them by itself, a few a month."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bot.money import say
from bot.policy import Policy
from bot.refusal import Refusal
from bot.request_size import granted_already, size
from bot.requests import Path, Request, RequestDraft, Standing, State

TAKEN_BACK_WITHIN = timedelta(days=1)


class NotTakenBack(Refusal):
    """Nothing, or nothing any more, can be taken back."""


@dataclass(frozen=True)
class SmallRaise:
    """The `number`-th of `a_month` that the workflow may have; each up to `up_to` USD."""

    up_to: Decimal
    number: int
    a_month: int

    def __str__(self) -> str:
        return (
            f"within the policy: up to {say(self.up_to)}, {self.number} of {self.a_month} this "
            "month"
        )


def goes_by_itself(draft: RequestDraft, standing: Standing, policy: Policy, now: datetime) -> bool:
    """Temporary, small in all its periods together, and asked by somebody who answers for the
    workflow. What would go to finance is asked for as ever, so splitting helps nobody.
    """
    workflow = standing.workflow
    if draft.permanent or draft.asked_by not in {workflow.owner, workflow.backup}:
        return False
    asked = size(draft, workflow, now)
    together = asked + granted_already(draft, standing, now)
    return (
        policy.small_raises_a_month > 0
        and asked <= policy.small_raise_up_to
        and together <= policy.finance_over
    )


def check_may_be_taken_back(request: Request, now: datetime) -> None:
    """Raises NotTakenBack."""
    if request.path is not Path.SMALL or request.state is not State.APPROVED:
        raise NotTakenBack("Only a raise that went through by itself can be taken back.")
    if request.answered_at is None or now >= request.answered_at + TAKEN_BACK_WITHIN:
        raise NotTakenBack("The day to take it back is over; it ends by itself.")
