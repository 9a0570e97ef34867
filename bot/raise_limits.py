"""How large and how long a raise may be for each class of workflow."""

from collections.abc import Iterator
from datetime import datetime

from bot.money import say
from bot.periods import same_local_time, zone_now
from bot.policy import Policy
from bot.refusal import Refusal
from bot.request_effects import end_of
from bot.request_size import size
from bot.requests import NotAskable, RequestDraft, Standing, Until

# While one of these is wrong, nothing can be said of size and length.
_FIRST = {"workflow", "cap", "amount", "until", "days"}
_CHANGED_BY = "An admin changes that ({name}, in the contract file), or the cap itself."


def beyond_limits(
    draft: RequestDraft, standing: Standing, policy: Policy, now: datetime
) -> Iterator[NotAskable]:
    """What is too large or too long, each beside its field. Of what can be asked at all."""
    yield from _too_large(draft, standing, policy, now)
    yield from _too_long(draft, standing, policy, now)


def can_be_measured(found: tuple[Refusal, ...]) -> bool:
    return not any(one.field in _FIRST for one in found)


def _too_large(
    draft: RequestDraft, standing: Standing, policy: Policy, now: datetime
) -> Iterator[NotAskable]:
    workflow = standing.workflow
    largest, asked = policy.largest_raise.of(workflow.kind), size(draft, workflow, now)
    if asked <= largest:
        return
    periods = asked / draft.more
    noun = draft.cap.noun
    each = f" (+{say(draft.more)} in each of {periods:f} {noun}s)" if periods > 1 else ""
    yield NotAskable(
        f"{workflow.kind.noun.capitalize()} gets at most {say(largest)} in one raise; this is "
        f"{say(asked)}{each}. {_CHANGED_BY.format(name='largest_raise')}",
        field="amount",
    )


def _too_long(
    draft: RequestDraft, standing: Standing, policy: Policy, now: datetime
) -> Iterator[NotAskable]:
    workflow = standing.workflow
    end = end_of(draft, workflow, now)
    days = int(policy.longest_raise_days.of(workflow.kind))
    if end is None or end <= same_local_time(now, days, zone_now(workflow.calendars, now)):
        return
    yield NotAskable(
        f"{workflow.kind.noun.capitalize()} gets more for at most {days} days at a time. "
        f"{_CHANGED_BY.format(name='longest_raise_days')}",
        field="days" if draft.until is Until.DAYS else "until",
    )
