"""What breaking the glass does: the request, the override and the look at it, made in one go."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from bot.break_glass import ASKED_AT, BreakGlass, Reach, check_amount, read_incident
from bot.caps import effective_cap, running_period
from bot.edits import Wrong
from bot.money import ZERO
from bot.overrides import Override
from bot.periods import CapKind, local_day, zone_now
from bot.policy import Policy
from bot.refusal import Refusal
from bot.request_effects import Effect, override_of, touched
from bot.requests import Path, Request, Standing, State, Step, Until
from bot.workflows import Workflow
from bot.working_days import end_of_next, next_morning


@dataclass(frozen=True)
class Incident:
    """What somebody takes, under the id that the form was opened with. `amount` in USD."""

    id: str
    workflow: str
    cap: CapKind
    amount: Decimal
    reason: str
    by: str


@dataclass(frozen=True)
class Taken:
    """What was taken: until `effect.end`, looked at from `asked_at` on, not again before
    `again_at`. `told`: a sentence per changed cap.
    """

    one: BreakGlass
    request: Request
    workflow: Workflow
    effect: Effect
    zone: str
    asked_at: datetime
    again_at: datetime
    told: tuple[str, ...] = ()

    @property
    def override(self) -> Override:
        end = self.effect.end or self.asked_at
        return override_of(self.request, end, self.one.by, self.one.at)


def read(incident: Incident, workflow: Workflow, policy: Policy, now: datetime) -> Incident:
    """Its reason made clean. Raises Wrong with all that is wrong."""
    found = tuple(_wrong(incident, workflow, policy, now))
    if found:
        raise Wrong(found)
    return replace(incident, reason=read_incident(incident.reason))


def reach_of(workflow: Workflow, cap: CapKind, now: datetime) -> Reach:
    """What is taken now on a cap comes in each of these."""
    end = end_of_next(now, zone_now(workflow.calendars, now))
    return Reach(touched(workflow, cap, now, end), cap.noun)


def _wrong(
    incident: Incident, workflow: Workflow, policy: Policy, now: datetime
) -> Iterator[Refusal]:
    if workflow.caps.of(incident.cap) is None:
        yield Refusal(f"{workflow.key} has no {incident.cap} cap.", field="cap")
    try:
        check_amount(
            incident.amount, policy.break_glass_up_to, reach_of(workflow, incident.cap, now)
        )
    except Refusal as refusal:
        yield refusal
    try:
        read_incident(incident.reason)
    except Refusal as refusal:
        yield refusal


def taken(incident: Incident, standing: Standing, channel: str, now: datetime) -> Taken:
    """From now until the end of the next working day."""
    workflow = standing.workflow
    zone = zone_now(workflow.calendars, now)
    end = end_of_next(now, zone)
    request = _request(incident, workflow, channel, now)
    days = (local_day(end, zone) - local_day(now, zone)).days
    asked_at = next_morning(now, zone, ASKED_AT)
    return Taken(
        BreakGlass(request.id, workflow.key, incident.by, now, due_at=asked_at),
        replace(request, days=days),
        workflow,
        _effect(incident, standing, end, now),
        zone,
        asked_at,
        running_period(workflow, CapKind.MONTHLY, now).end,
    )


def _request(incident: Incident, workflow: Workflow, channel: str, now: datetime) -> Request:
    return Request(
        workflow=workflow.key,
        cap=incident.cap,
        amount=incident.amount,
        until=Until.DAYS,
        asked_by=incident.by,
        reason=incident.reason,
        id=incident.id,
        asked_at=now,
        expires_at=now,
        owner=workflow.owner,
        channel=channel,
        step=Step.APPROVER,
        state=State.APPROVED,
        answered_by=incident.by,
        answered_at=now,
        path=Path.BREAK_GLASS,
    )


def _effect(incident: Incident, standing: Standing, end: datetime, now: datetime) -> Effect:
    workflow = standing.workflow
    before = effective_cap(workflow, incident.cap, standing.overrides, now) or ZERO
    periods = touched(workflow, incident.cap, now, end)
    return Effect(end, before, before + incident.amount, periods)
