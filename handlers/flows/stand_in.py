"""Naming somebody who stands in, and ending that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.cards import standing_in as cards
from bot.cards.terms import days_said
from bot.changes import Change
from bot.delegations import Absence, Delegation
from bot.edits import Wrong
from bot.handovers import (
    Handover,
    channels_of,
    check_has_a_say,
    check_may_end,
    delegation_of,
    not_over,
    problems,
    says_of,
)
from bot.periods import local_day
from bot.policy import Organisation
from bot.refusal import Unknown
from handlers.steps.tell_person import Word, tell_person
from handlers.steps.zone_of import zone_of
from storage.ledger import Ledger


@dataclass(frozen=True)
class StandingIn:
    """What concerns a person: who stands in, and what they could hand over (`roles`)."""

    running: tuple[Delegation, ...]
    roles: tuple[str, ...]
    zone: str
    today: date


async def begin_delegation(
    by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> StandingIn:
    """Raises NotAllowed where there is nothing to see and nothing to hand over."""
    roles = await _roles(ledger, organisation, by)
    running = not_over(organisation.delegations, now)
    concerned = tuple(one for one in running if by in {one.by, one.to} or by in organisation.admins)
    if not concerned:
        check_has_a_say(roles)
    zone = await zone_of(ledger, organisation, by)
    return StandingIn(concerned, roles, zone, local_day(now, zone))


async def _roles(ledger: Ledger, organisation: Organisation, by: str) -> tuple[str, ...]:
    teams, workflows = await ledger.teams.all(), await ledger.workflows.all()
    return says_of(by, organisation, teams, workflows)


async def delegate(
    handover: Handover, ledger: Ledger, organisation: Organisation, now: datetime
) -> tuple[Delegation, str]:
    """Named once under its id, however often it is sent; with the zone its days are said in.

    Raises NotAllowed, and Wrong with all that stands in the way.
    """
    held = await ledger.organisation.hold(organisation.admins)
    zone = await zone_of(ledger, held, handover.by)
    running = not_over(held.delegations, now)
    sent = next((one for one in running if one.id == handover.id), None)
    if sent is not None:
        return sent, zone
    roles = await _roles(ledger, held, handover.by)
    check_has_a_say(roles)
    to = await ledger.people.find(handover.to)
    found = tuple(problems(handover, to, running, zone, local_day(now, zone)))
    if found:
        raise Wrong(found)
    named = delegation_of(handover, zone)
    await ledger.organisation.stand_in((*running, named), _absences(held, now))
    await _tell(ledger, held, named, roles, now)
    return named, zone


def _absences(organisation: Organisation, now: datetime) -> list[Absence]:
    return [one for one in organisation.absences if one.end > now]


async def _tell(
    ledger: Ledger,
    organisation: Organisation,
    named: Delegation,
    roles: Sequence[str],
    now: datetime,
) -> None:
    zone = await zone_of(ledger, organisation, named.by)
    what = f"named {named.to} to stand in, {days_said(named.start, named.end, zone)}"
    await ledger.changes.add(_change(named, named.by, what, now, reason=named.reason))
    for channel in await _channels(ledger, named.by):
        card = cards.named_for_channel(named, zone)
        await ledger.notices.post(_key(named, channel), channel, card, now)
    theirs = await zone_of(ledger, organisation, named.to)
    card = cards.named_for_delegate(named, roles, theirs)
    await tell_person(ledger, organisation, Word(_key(named, "to"), named.to, card), now)


async def end_delegation(
    delegation: str, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> Delegation:
    """At once. Raises Unknown where it is over, NotAllowed."""
    held = await ledger.organisation.hold(organisation.admins)
    running = not_over(held.delegations, now)
    ended = next((one for one in running if one.id == delegation), None)
    if ended is None:
        raise Unknown("That is over already.")
    check_may_end(by, ended, organisation.admins)
    left = tuple(one for one in running if one is not ended)
    await ledger.organisation.stand_in(left, _absences(held, now))
    what = f"ended that {ended.to} stands in for {ended.by}"
    await ledger.changes.add(_change(ended, by, what, now))
    for channel in await _channels(ledger, ended.by):
        key = _key(ended, channel)
        card = cards.ended(ended, by)
        await ledger.notices.post(f"{key}:ended", channel, card, now, under=key)
    for person in {ended.by, ended.to} - {by}:
        word = Word(_key(ended, f"ended:{person}"), person, cards.ended(ended, by))
        await tell_person(ledger, organisation, word, now)
    return ended


async def _channels(ledger: Ledger, person: str) -> tuple[str, ...]:
    return channels_of(person, await ledger.teams.all(), await ledger.workflows.all())


def _change(one: Delegation, by: str, what: str, now: datetime, *, reason: str = "") -> Change:
    return Change(now, by, f"person:{one.by}", what, reason=reason)


def _key(one: Delegation, to: str) -> str:
    return f"delegation:{one.id}:{to}"
