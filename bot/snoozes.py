"""A workflow's alerts, kept back for some days. What is worse than they were breaks through."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.alerts import CapWatch
from bot.delegations import Acting
from bot.periods import same_local_time, zone_now
from bot.refusal import Refusal
from bot.workflows import Status, Workflow

DAYS = (1, 3, 7)


class NothingToSnooze(Refusal):
    """No alert of this workflow could come that a snooze would keep back."""


class SnoozedAlready(Refusal):
    """Somebody was first."""


@dataclass(frozen=True)
class Snooze:
    """Until `until` nothing at or below `threshold` (per cent) is said of any cap of the workflow.

    `notice` is the outbox key of the message it was snoozed on. `by` snoozed it, for `instead_of`
    where that is somebody else. `ended_at`: when it was ended, by a person (`ended_by`) or by its
    own time.
    """

    id: str
    workflow: str
    threshold: int
    notice: str
    by: str
    at: datetime
    until: datetime
    instead_of: str | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None

    def in_force(self, now: datetime) -> bool:
        return self.ended_at is None and self.at <= now < self.until


@dataclass(frozen=True)
class Wanted:
    """A snooze as it is asked for on the message `notice`: `days` from now."""

    id: str
    notice: str
    days: int


def read_days(text: str | None) -> int:
    """Raises Refusal."""
    found = next((days for days in DAYS if str(days) == text), None)
    if found is None:
        raise Refusal("Snooze for 1, 3 or 7 days.", field="days")
    return found


def level(caps: Iterable[CapWatch]) -> int:
    """The highest threshold that a running period of any cap has reached; 0 for none."""
    return max((at for cap in caps for at in (*cap.reached, *cap.said)), default=0)


def check_snoozable(workflow: Workflow, caps: Iterable[CapWatch]) -> None:
    """Raises NothingToSnooze."""
    if workflow.status is not Status.ACTIVE:
        raise NothingToSnooze(
            f"`{workflow.key}` is {workflow.status}: no threshold of it is announced anyway."
        )
    if level(caps) == 0:
        raise NothingToSnooze(
            f"No cap of `{workflow.key}` is past a threshold now, so there is nothing to snooze."
        )


def check_not_snoozed(running: Snooze | None, threshold: int, until: str) -> None:
    """A snooze may follow another one only where something worse has broken through it.

    `until`: the running one's end, in words. Raises SnoozedAlready.
    """
    if running is not None and threshold <= running.threshold:
        raise SnoozedAlready(
            f"<@{running.by}> has snoozed it already, until {until}. *End snooze* ends that first."
        )


def snoozed(
    wanted: Wanted, workflow: Workflow, actor: Acting, threshold: int, now: datetime
) -> Snooze:
    """For so many days, to the same time on the workflow's wall clock."""
    until = same_local_time(now, wanted.days, zone_now(workflow.calendars, now))
    by, stead = actor.person, actor.instead_of
    return Snooze(wanted.id, workflow.key, threshold, wanted.notice, by, now, until, stead)
