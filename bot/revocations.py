"""After a workflow is retired somebody revokes its keys, by a day, and says so."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.addressing import entitled
from bot.delegations import Acting
from bot.money import ZERO
from bot.people import Person, approving, check_member
from bot.periods import local_day, local_moment, zone_now
from bot.policy import Organisation
from bot.refusal import NotAllowed, Refusal
from bot.teams import Team
from bot.workflows import Workflow
from bot.working_days import next_working_day, working_days_later

WORKING_DAYS = 3
LONGEST_DAYS = 90
# When its person, and the day after the approver too, are reminded.
REMINDED_AT = time(9)


class State(StrEnum):
    OPEN = "open"
    REVOKED = "revoked"


@dataclass(frozen=True, kw_only=True)
class Revocation:
    """`person` revokes the keys by the local day `due_on`. `reminded` counts the reminders, the
    next is due at `next_at`. `still` is when it was said to be done although it was not; `heard`
    counts the records of after the retirement that people were told of. `version` is the stored
    state it was read from.
    """

    workflow: str
    retired_at: datetime
    person: str | None
    due_on: date
    channel: str
    zone: str
    state: State = State.OPEN
    answered_by: str | None = None
    instead_of: str | None = None
    answered_at: datetime | None = None
    still: datetime | None = None
    heard: int = 0
    reminded: int = 0
    next_at: datetime | None = None
    version: int = 1

    @property
    def notice(self) -> str:
        """The outbox key of its message in the channel."""
        return f"revocation:{self.workflow}:{int(self.retired_at.timestamp())}"


@dataclass(frozen=True)
class SpentSince:
    """USD and records of after a workflow was retired. `model` and `source`: where most is from."""

    amount: Decimal = ZERO
    records: int = 0
    last_at: datetime | None = None
    model: str = ""
    source: str = ""


def opened(
    workflow: Workflow, person: str | None, channel: str, retired_at: datetime, now: datetime
) -> Revocation:
    """Three working days for whoever is to do it."""
    zone = zone_now(workflow.calendars, now) if workflow.calendars else "UTC"
    due = working_days_later(local_day(now, zone), WORKING_DAYS)
    fresh = Revocation(
        workflow=workflow.key,
        retired_at=retired_at,
        person=person,
        due_on=due,
        channel=channel,
        zone=zone,
    )
    return reminding(fresh, now)


def reminders(one: Revocation) -> tuple[datetime, datetime]:
    """When its person is reminded, and when the approver too (UTC)."""
    days = (one.due_on, one.due_on + timedelta(days=1))
    first, second = (local_moment(day, REMINDED_AT, one.zone) for day in days)
    return first, second


def reminding(one: Revocation, now: datetime) -> Revocation:
    """With its reminders ahead; on its very day the one in the morning is over."""
    first, second = reminders(one)
    passed = first <= now
    return replace(one, reminded=int(passed), next_at=second if passed else first)


def reminded(one: Revocation) -> Revocation:
    """One reminder further."""
    _, second = reminders(one)
    done = one.reminded + 1
    return replace(one, reminded=done, next_at=second if done == 1 else None)


def may_settle(
    by: str,
    one: Revocation,
    workflow: Workflow,
    team: Team,
    organisation: Organisation,
    now: datetime,
) -> Acting:
    """Its person, the owner, the approver, admins, and whoever stands in for one of them. Raises
    NotAllowed naming who may.
    """
    approvers = approving(workflow, team, organisation)
    people = tuple(filter(None, (one.person, workflow.owner, *approvers)))
    found = entitled(by, (*people, *organisation.admins), organisation, now)
    if found is not None:
        return found
    who = ", ".join(f"<@{each}>" for each in dict.fromkeys(people))
    may = f"{who} (or an admin)" if who else "an admin"
    raise NotAllowed(f"Only {may} may say so of the keys of {one.workflow}.")


def check_assigned(one: Revocation, person: Person | None, due_on: date, now: datetime) -> None:
    """`person`: what is known of who is to do it. Raises Refusal beside the field."""
    check_member(person, "person")
    today = local_day(now, one.zone)
    if due_on < today:
        raise Refusal(f"{due_on:%-d %b %Y} is over. Choose today or a later day.", field="due_on")
    if due_on > today + timedelta(days=LONGEST_DAYS):
        raise Refusal(f"Choose a day within {LONGEST_DAYS} days.", field="due_on")


def assigned(one: Revocation, person: str, due_on: date, now: datetime) -> Revocation:
    return reminding(replace(one, person=person, due_on=due_on), now)


def revoked(one: Revocation, by: Acting, now: datetime) -> Revocation:
    return replace(
        one,
        state=State.REVOKED,
        answered_by=by.person,
        instead_of=by.instead_of,
        answered_at=now,
        next_at=None,
    )


def belied(one: Revocation, spent: SpentSince) -> bool:
    """Said to be done, and used afterwards."""
    done = one.answered_at
    if one.state is State.OPEN or done is None or spent.last_at is None:
        return False
    return spent.last_at > done


def reopened(one: Revocation, now: datetime) -> Revocation:
    """To be done by the next working day."""
    due = next_working_day(local_day(now, one.zone))
    return reminding(replace(one, state=State.OPEN, still=one.answered_at, due_on=due), now)
