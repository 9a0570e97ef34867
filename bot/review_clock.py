"""When a review reminds its owners, and when it asks the approvers of what is still undecided."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import addressing
from bot.policy import Organisation, Policy
from bot.reviews import Review, is_reviewed
from bot.teams import Team
from bot.workflows import Workflow

# Slack takes about one message a second in a channel, and alerts wait behind what was said before.
PAGE = 40
FEW = 10
_SECONDS_EACH = 1.1


@dataclass(frozen=True)
class Step:
    at: datetime
    asks_approver: bool


def steps(review: Review, policy: Policy) -> tuple[Step, ...]:
    """In their order; they count from the opening."""
    hours = [(each, False) for each in policy.review_reminder_hours]
    hours.append((policy.review_escalates_hours, True))
    return tuple(
        Step(review.opened_at + timedelta(hours=each), asks) for each, asks in sorted(hours)
    )


def due_steps(review: Review, policy: Policy, now: datetime) -> tuple[Step, ...]:
    """What is due and was not done."""
    return tuple(one for one in steps(review, policy)[review.steps :] if one.at <= now)


def opened_by(policy: Policy, now: datetime) -> tuple[tuple[int, datetime], ...]:
    """For a thread with so many steps done: its next one is due if it was opened by then."""
    hours = sorted((*policy.review_reminder_hours, policy.review_escalates_hours))
    return tuple((done, now - timedelta(hours=each)) for done, each in enumerate(hours))


def undecided(review: Review, workflows: Mapping[str, Workflow]) -> tuple[Workflow, ...]:
    """What somebody could still decide."""
    open_ones = (one.workflow for one in review.items if one.decided is None)
    known = (workflows[key] for key in open_ones if key in workflows)
    return tuple(one for one in known if is_reviewed(one))


def whom_to_remind(
    workflows: Iterable[Workflow], team: Team, organisation: Organisation, now: datetime
) -> dict[str, tuple[Workflow, ...]]:
    """By person, what waits for them: the owner, and the backup, else the approver, while the
    owner is away.
    """
    remind = addressing.whom_to_remind
    return _by_person((one, remind(one, team, organisation, now)) for one in workflows)


def whom_to_ask(
    workflows: Iterable[Workflow], team: Team, organisation: Organisation, now: datetime
) -> dict[str, tuple[Workflow, ...]]:
    """By approver, or who hears it where nobody is."""
    asked = addressing.escalates_to
    return _by_person((one, asked(one, team, organisation, now)) for one in workflows)


def _by_person(
    asked: Iterable[tuple[Workflow, tuple[str, ...]]],
) -> dict[str, tuple[Workflow, ...]]:
    found: dict[str, tuple[Workflow, ...]] = {}
    for workflow, people in asked:
        for person in people:
            found[person] = (*found.get(person, ()), workflow)
    return found


def minutes_to_post(replies: int) -> int:
    return max(1, round(replies * _SECONDS_EACH / 60))
