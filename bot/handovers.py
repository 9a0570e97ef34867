"""Naming somebody who stands in: what may be handed over, to whom, and for how long."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.delegations import Delegation
from bot.names import tidy
from bot.people import NO_MEMBER, Person, approvers_of
from bot.periods import midnight
from bot.policy import Organisation
from bot.refusal import NotAllowed, Refusal
from bot.teams import Team
from bot.workflows import Status, Workflow

LONGEST_DAYS = 366
REASON_LENGTH = 300
_MOST = 20


@dataclass(frozen=True)
class Handover:
    """`by` lets `to` stand in from `first` through `last`, inclusive local days of `by`."""

    id: str
    by: str
    to: str
    first: date
    last: date
    reason: str


def delegation_of(handover: Handover, zone: str) -> Delegation:
    start, end = stretch(handover.first, handover.last, zone)
    return Delegation(handover.id, handover.by, handover.to, start, end, tidy(handover.reason))


def stretch(first: date, last: date, zone: str) -> tuple[datetime, datetime]:
    """Inclusive local days as `[start, end)` in UTC."""
    return midnight(first, zone), midnight(last + timedelta(days=1), zone)


def problems(
    handover: Handover, to: Person | None, running: Sequence[Delegation], zone: str, today: date
) -> Iterator[Refusal]:
    """Everything that stands in the way, each naming its field. `running`: those not over."""
    yield from _wrong_person(handover, to)
    yield from _wrong_days(handover, today)
    reason = tidy(handover.reason)
    if not reason:
        yield Refusal("Say why: whoever is told reads it.", field="reason")
    elif len(reason) > REASON_LENGTH:
        yield Refusal(f"At most {REASON_LENGTH} characters.", field="reason")
    yield from _too_many(handover, running, zone)


def _wrong_person(handover: Handover, to: Person | None) -> Iterator[Refusal]:
    if handover.to == handover.by:
        yield Refusal("Choose somebody else: you may act already.", field="to")
    elif to is None or not to.is_member:
        yield Refusal(NO_MEMBER, field="to")


def _wrong_days(handover: Handover, today: date) -> Iterator[Refusal]:
    first, last = handover.first, handover.last
    if first < today:
        yield Refusal(f"That day has passed; today is {today:%-d %b %Y}.", field="first")
    if last < max(first, today):
        yield Refusal("The last day comes before the first, or has passed.", field="last")
    elif last >= today + timedelta(days=LONGEST_DAYS):
        yield Refusal("At most a year ahead. Renew it then.", field="last")


def _too_many(handover: Handover, running: Sequence[Delegation], zone: str) -> Iterator[Refusal]:
    mine = [one for one in running if one.by == handover.by]
    start, end = stretch(handover.first, handover.last, zone)
    if any(one.to == handover.to and one.start < end and start < one.end for one in mine):
        yield Refusal("They stand in for you on some of these days already.", field="to")
    elif len(mine) >= _MOST:
        yield Refusal(f"At most {_MOST} stand in for you. End one first.", field="to")


def says_of(
    person: str, organisation: Organisation, teams: Iterable[Team], workflows: Iterable[Workflow]
) -> tuple[str, ...]:
    """What somebody who stands in for the person may do, in words; nothing where they have no
    say.
    """
    living = [one for one in workflows if one.status is not Status.RETIRED]
    by_key = {team.key: team for team in teams}
    approves = any(person in approvers_of(one, by_key[one.team]) for one in living)
    known = (
        (approves or any(team.approver == person for team in by_key.values()), "approver"),
        (person in organisation.finance, "finance"),
        (person in organisation.admins, "admin"),
        (any(person in {one.owner, one.backup} for one in living), "owner or backup"),
    )
    return tuple(words for has, words in known if has)


def check_has_a_say(roles: tuple[str, ...]) -> None:
    """Raises NotAllowed."""
    if not roles:
        raise NotAllowed(
            "You own, approve and administer nothing here, so there is nothing that somebody "
            "could do for you."
        )


def check_may_end(by: str, delegation: Delegation, admins: tuple[str, ...]) -> None:
    """Whoever named them, whoever was named, or an admin. Raises NotAllowed."""
    if by not in {delegation.by, delegation.to, *admins}:
        raise NotAllowed(f"Only <@{delegation.by}>, <@{delegation.to}> or an admin may end it.")


def not_over(delegations: Iterable[Delegation], now: datetime) -> tuple[Delegation, ...]:
    return tuple(one for one in delegations if one.end > now)


def channels_of(
    person: str, teams: Iterable[Team], workflows: Iterable[Workflow]
) -> tuple[str, ...]:
    """Where people wait for the person's approval, each once."""
    by_key = {team.key: team for team in teams}
    of_teams = (team.channel for team in by_key.values() if team.approver == person)
    own = (
        one.channel or by_key[one.team].channel
        for one in workflows
        if one.approver == person and one.status is not Status.RETIRED
    )
    return tuple(dict.fromkeys((*of_teams, *own)))
