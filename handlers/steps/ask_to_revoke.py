from datetime import datetime

from bot.addressing import addressed
from bot.cards import revocations as cards
from bot.changes import BOT, Change
from bot.people import approvers_of
from bot.policy import Organisation
from bot.revocations import Revocation, opened
from bot.workflows import Workflow
from handlers.steps.channel_of import channel_of
from handlers.steps.tell_person import Word, tell_person
from storage.ledger import Ledger


async def ask_to_revoke(
    ledger: Ledger, organisation: Organisation, retired: Workflow, now: datetime
) -> Revocation:
    """Once for each time it is retired: in the channel, and to whoever is to do it, which is the
    owner, or who stands in.
    """
    person = await _whom(ledger, organisation, retired, now)
    channel = await channel_of(ledger, retired)
    one = opened(retired, person, channel, retired.status_since or now, now)
    if not await ledger.revocations.add(one):
        return await ledger.revocations.of(retired.key) or one
    await _note(ledger, one, BOT, now)
    await ledger.notices.post(one.notice, channel, cards.asked(one, retired), now)
    await tell_assigned(ledger, organisation, one, retired, now)
    return one


async def _whom(
    ledger: Ledger, organisation: Organisation, retired: Workflow, now: datetime
) -> str | None:
    """The owner, or who stands in; nobody whose account is gone."""
    team = await ledger.teams.get(retired.team)
    first = addressed(retired, team, organisation, now).person
    for one in (first, retired.backup, *approvers_of(retired, team)):
        if one is not None and not await is_gone(ledger, one):
            return one
    return None


async def is_gone(ledger: Ledger, user: str) -> bool:
    person = await ledger.people.find(user)
    return person is not None and not person.is_member


async def tell_assigned(
    ledger: Ledger, organisation: Organisation, one: Revocation, workflow: Workflow, now: datetime
) -> None:
    """A message with the buttons to whoever is to do it, for each person once."""
    if one.person is not None:
        card = cards.asked_person(one, workflow)
        await ledger.notices.update(word_key(one), card, now)
        await tell_person(ledger, organisation, Word(word_key(one), one.person, card), now)


async def show_revocation(
    ledger: Ledger, one: Revocation, workflow: Workflow, now: datetime
) -> None:
    """The message in the channel says how it stands."""
    await ledger.notices.update(one.notice, cards.state(one, workflow), now)


def word_key(one: Revocation) -> str:
    return f"{one.notice}:{one.person}"


async def _note(ledger: Ledger, one: Revocation, by: str, now: datetime) -> None:
    after = {"keys": f"to be revoked by {one.due_on}", "keys with": one.person}
    await ledger.changes.add(Change(now, by, one.workflow, "asked to revoke its keys", {}, after))
