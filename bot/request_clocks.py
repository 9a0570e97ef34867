"""The clocks of a request that waits: reminders, escalation, expiry. Each is said on its card."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.policy import Policy
from bot.requests import Request


@dataclass(frozen=True)
class Clocks:
    """`reminders`: hours after the step began. `escalates_at` None: no later group, or too late."""

    expires_at: datetime
    reminders: tuple[int, ...] = ()
    escalates_at: datetime | None = None


def first_clocks(policy: Policy, now: datetime) -> Clocks:
    """Of a request that is asked now."""
    expires = now + policy.request_expires_after
    return Clocks(expires, _reminders(policy, now, expires), _escalation(policy, now, expires))


def clocks_of(request: Request, policy: Policy) -> Clocks:
    since = request.step_since or request.asked_at
    reminders = _reminders(policy, since, request.expires_at) if request.step_since else ()
    return Clocks(request.expires_at, reminders, request.escalates_at)


def begun(request: Request, policy: Policy, now: datetime) -> Request:
    """Its next step begins: reminders and escalation count from now, the expiry stays."""
    return replace(
        request,
        step_since=now,
        reminds_at=_next(policy, now, now, request.expires_at),
        escalates_at=_escalation(policy, now, request.expires_at),
        escalated_at=None,
    )


def reminded(request: Request, policy: Policy, now: datetime) -> Request:
    """The next reminder after this one; those that were missed are not caught up."""
    since = request.step_since or request.asked_at
    return replace(request, reminds_at=_next(policy, since, now, request.expires_at))


def _next(policy: Policy, since: datetime, now: datetime, expires: datetime) -> datetime | None:
    moments = (since + timedelta(hours=each) for each in _reminders(policy, since, expires))
    return next((moment for moment in moments if moment > now), None)


def _reminders(policy: Policy, since: datetime, expires: datetime) -> tuple[int, ...]:
    hours = policy.request_reminder_hours
    return tuple(each for each in hours if since + timedelta(hours=each) < expires)


def _escalation(policy: Policy, since: datetime, expires: datetime) -> datetime | None:
    at = since + timedelta(hours=policy.request_escalates_hours)
    return at if at < expires else None
