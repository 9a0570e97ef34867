from dataclasses import dataclass
from datetime import date, datetime

from bot.cards import revocations as cards
from bot.changes import Change
from bot.delegations import Acting
from bot.policy import Organisation
from bot.refusal import TooLate, Unknown
from bot.revocations import (
    Revocation,
    State,
    assigned,
    check_assigned,
    may_settle,
    revoked,
)
from bot.workflows import Workflow
from handlers.steps.ask_to_revoke import show_revocation, tell_assigned, word_key
from handlers.steps.settle_words import settle_words
from storage.ledger import Ledger


@dataclass(frozen=True)
class _Open:
    one: Revocation
    workflow: Workflow
    acting: Acting


async def check_settle(
    key: str, *, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> tuple[Revocation, Workflow]:
    """The check that is open. Raises Refusal: who may, or who was first."""
    found = await _open(key, by, ledger, organisation, now)
    return found.one, found.workflow


async def confirm_revoked(
    key: str, *, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> None:
    """Somebody says the keys are revoked. Raises Refusal: who may, or who was first."""
    found = await _open(key, by, ledger, organisation, now)
    saved = await ledger.revocations.save(revoked(found.one, found.acting, now))
    if saved is None:
        raise await _too_late(ledger, found)
    was, becomes = {"keys": "to be revoked"}, {"keys": "said to be revoked"}
    change = Change(now, by, key, "said its keys are revoked", was, becomes)
    await ledger.changes.add(change)
    await show_revocation(ledger, saved, found.workflow, now)
    await ledger.notices.update(word_key(saved), cards.done(saved, found.workflow), now)
    # Reminders and alarms, whoever got them.
    await settle_words(ledger, f"{saved.notice}:", lambda card: cards.settled(card, saved), now)


async def assign_revocation(  # noqa: PLR0913
    key: str,
    person: str,
    due_on: date,
    *,
    by: str,
    ledger: Ledger,
    organisation: Organisation,
    now: datetime,
) -> Revocation:
    """Another person, another day, or both. Raises Refusal beside the field."""
    found = await _open(key, by, ledger, organisation, now)
    check_assigned(found.one, await ledger.people.find(person), due_on, now)
    saved = await ledger.revocations.save(assigned(found.one, person, due_on, now))
    if saved is None:
        raise await _too_late(ledger, found)
    await ledger.changes.add(_change(found.one, saved, by, now))
    await show_revocation(ledger, saved, found.workflow, now)
    if found.one.person not in {None, person}:
        card = cards.passed_on(saved, found.workflow)
        await ledger.notices.update(word_key(found.one), card, now)
    await tell_assigned(ledger, organisation, saved, found.workflow, now)
    return saved


async def _open(
    key: str, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> _Open:
    workflow, one = await ledger.workflows.get(key), await ledger.revocations.of(key)
    if one is None:
        raise Unknown(f"There are no keys of {key} to revoke.")
    team = await ledger.teams.get(workflow.team)
    found = _Open(one, workflow, may_settle(by, one, workflow, team, organisation, now))
    if one.state is not State.OPEN:
        raise await _too_late(ledger, found)
    return found


async def _too_late(ledger: Ledger, found: _Open) -> TooLate:
    now_is = await ledger.revocations.of(found.one.workflow) or found.one
    if now_is.state is State.REVOKED:
        return TooLate(cards.done(now_is, found.workflow).text)
    return TooLate("Somebody else has just changed this. Look again.")


def _change(before: Revocation, after: Revocation, by: str, now: datetime) -> Change:
    was = {"keys": f"to be revoked by {before.due_on}", "keys with": before.person}
    becomes = {"keys": f"to be revoked by {after.due_on}", "keys with": after.person}
    return Change(now, by, after.workflow, "assigned its keys", was, becomes)
