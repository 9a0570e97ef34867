"""What may be asked for at all, and what stands in the way, each said beside its field."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from bot.caps import effective_cap
from bot.money import CENT, LARGEST, ZERO, say
from bot.periods import CapKind
from bot.refusal import Refusal
from bot.requests import NotAskable, Request, RequestDraft, Standing, Until
from bot.workflows import Status, Workflow, contradictions

# The policy names less for each class (bot/raise_limits.py); dates far ahead are a slip.
LONGEST_DAYS = 366

# Together with the rest they fit Slack's 3,000 characters for what a form keeps, even when JSON
# writes every one of them as two.
LENGTHS = {"reason": 700, "outcome": 200, "target": 100, "if_refused": 300}


def check_askable(draft: RequestDraft, standing: Standing, now: datetime) -> None:
    """Raises the first of `problems`."""
    for problem in problems(draft, standing, now):
        raise problem


def check_grantable(request: Request, standing: Standing, now: datetime) -> None:
    """Whether it could still be asked, with nothing else waiting to lean on. Raises NotAskable."""
    check_askable(request, replace(standing, waiting=()), now)


def check_active(workflow: Workflow) -> None:
    """Raises NotAskable saying what to do first."""
    if workflow.status is not Status.ACTIVE:
        raise _not_active(workflow)


def problems(
    draft: RequestDraft, standing: Standing, now: datetime, most_days: int = LONGEST_DAYS
) -> Iterator[Refusal]:
    """Everything that stands in the way. A raise may lean on a raise of a longer period's cap
    that waits too. `most_days`: that its class may have.
    """
    workflow = standing.workflow
    if workflow.status is not Status.ACTIVE:
        yield _not_active(workflow)
    elif workflow.caps.of(draft.cap) is None:
        yield NotAskable(_no_such_cap(workflow, draft.cap), field="cap")
    else:
        yield from _bad_amount(draft, standing, now)
    yield from _bad_until(draft, most_days)
    yield from _bad_texts(draft)


_FIRST = {
    Status.PROPOSED: "it is not active yet; its owner, its approver or an admin activates it.",
    Status.PAUSED: "it is paused; resume it first with /budget resume {key}.",
    Status.RETIRED: "it is retired; register a new workflow instead.",
    Status.ENDED: "it has ended; give it a new end date first with /budget edit {key}.",
}


def _not_active(workflow: Workflow) -> NotAskable:
    first = _FIRST[workflow.status].format(key=workflow.key)
    return NotAskable(f"{workflow.key} can get no more: {first}", field="workflow")


def _no_such_cap(workflow: Workflow, kind: CapKind) -> str:
    has = " and ".join(f"a {one} cap" for one, _ in workflow.caps.present()) or "no cap at all"
    return f"{workflow.key} has no {kind} cap; it has {has}."


def _bad_amount(draft: RequestDraft, standing: Standing, now: datetime) -> Iterator[Refusal]:
    if draft.amount < CENT:
        yield NotAskable(f"Ask for {say(CENT)} or more.", field="amount")
        return
    workflow = standing.workflow
    base = workflow.caps.of(draft.cap) or ZERO
    in_force = effective_cap(workflow, draft.cap, standing.overrides, now) or ZERO
    if max(base, in_force) + draft.more > LARGEST:
        yield NotAskable(
            f"That would lift the cap above {say(LARGEST)}, the largest amount.", field="amount"
        )
    if draft.permanent:
        yield from _contradicting_raise(draft, standing)


def _contradicting_raise(draft: RequestDraft, standing: Standing) -> Iterator[Refusal]:
    workflow = standing.workflow
    caps = workflow.caps
    for one in (*standing.waiting, draft):
        base = caps.of(one.cap)
        if one.permanent and base is not None:
            caps = caps.having(one.cap, base + one.more)
    for problem in contradictions(replace(workflow, caps=caps)):
        # What is wrong with another cap is the worry of the request that waits for that one.
        if problem.field == f"{draft.cap}_cap":
            yield NotAskable(f"{problem} Raise that one first.", field="amount")


def _bad_until(draft: RequestDraft, most_days: int) -> Iterator[Refusal]:
    if draft.until is Until.PERIOD and draft.cap is CapKind.TOTAL:
        yield NotAskable(
            "A total cap's period has no end: choose a week, a month, days or permanent.",
            field="until",
        )
    if draft.until is Until.DAYS and not 1 <= (draft.days or 0) <= LONGEST_DAYS:
        yield NotAskable(f"Write a number of days from 1 to {most_days}.", field="days")


def _bad_texts(draft: RequestDraft) -> Iterator[Refusal]:
    if not draft.reason.strip():
        yield NotAskable("Say why: the approver decides by it.", field="reason")
    for field, length in LENGTHS.items():
        if len(getattr(draft, field)) > length:
            yield NotAskable(f"At most {length} characters.", field=field)
