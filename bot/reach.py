"""When a word to one person may reach them: in their own time, by what it may interrupt."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time

from bot.hours import QuietHours, next_time, when_loud
from bot.notices import Card, Urgency
from bot.policy import Policy
from bot.workflows import Workflow


@dataclass(frozen=True)
class Digest:
    """Low-urgency words come together at this wall-clock time, or (None) by themselves."""

    at: time | None = None


@dataclass(frozen=True)
class Preferences:
    """What a person chose for themselves; None is the organisation's."""

    quiet_hours: QuietHours | None = None
    digest: Digest | None = None


@dataclass(frozen=True)
class Reach:
    """When one person may be spoken to, on the wall clock of `zone`."""

    quiet_hours: QuietHours
    digest_at: time | None
    zone: str


@dataclass(frozen=True)
class HeldWord:
    """A word that waits for its hour. `zone` is the person's when it was held."""

    key: str
    person: str
    card: Card
    urgency: Urgency
    zone: str
    held_at: datetime
    due_at: datetime


def reach_of(chosen: Preferences, policy: Policy, zone: str) -> Reach:
    quiet = policy.quiet_hours if chosen.quiet_hours is None else chosen.quiet_hours
    digest_at = policy.digest_at if chosen.digest is None else chosen.digest.at
    return Reach(quiet, digest_at, zone)


def due_at(urgency: Urgency, reach: Reach, now: datetime) -> datetime:
    """`now`, or when the word may be said."""
    if urgency is Urgency.CRITICAL:
        return now
    if urgency is Urgency.LOW and reach.digest_at is not None:
        digest = next_time(reach.digest_at, reach.zone, now)
        return when_loud(reach.quiet_hours, reach.zone, digest)
    return when_loud(reach.quiet_hours, reach.zone, now)


def in_place_of(held: HeldWord, card: Card, urgency: Urgency, due: datetime) -> HeldWord:
    """It says this now: as urgent as the more urgent of the two, and no later than either."""
    most = max(held.urgency, urgency, key=list(Urgency).index)
    return replace(held, card=card, urgency=most, due_at=min(held.due_at, due))


def urgency_of(thresholds: Iterable[int], workflow: Workflow) -> Urgency:
    """Of the highest of these per cents: its contract's limits say how much it matters."""
    highest = max(thresholds)
    if highest < workflow.soft_limit:
        return Urgency.LOW
    return Urgency.NORMAL if highest < workflow.hard_limit else Urgency.CRITICAL
