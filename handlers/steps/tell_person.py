from dataclasses import dataclass
from datetime import datetime

from bot.notices import Card, Urgency
from bot.policy import Organisation
from bot.reach import HeldWord, Reach, due_at, in_place_of, reach_of
from storage.ledger import Ledger


@dataclass(frozen=True)
class Word:
    """What one person is told, once under this key. `zone` is where they are where Slack has not
    said; the organisation's without one.
    """

    key: str
    person: str
    card: Card
    urgency: Urgency = Urgency.NORMAL
    zone: str | None = None


async def tell_person(
    ledger: Ledger, organisation: Organisation, word: Word, now: datetime
) -> None:
    """Say it in their DM, as soon as its urgency allows in the person's own time."""
    reach = await reach_person(ledger, organisation, word.person, word.zone)
    due = due_at(word.urgency, reach, now)
    if await ledger.held_words.knows(word.key):
        return
    if due <= now:
        await ledger.notices.post(word.key, word.person, word.card, now)
    elif await ledger.notices.card(word.key) is None:
        held = HeldWord(word.key, word.person, word.card, word.urgency, reach.zone, now, due)
        await ledger.held_words.hold(held)


async def tell_instead(
    ledger: Ledger, organisation: Organisation, word: Word, now: datetime
) -> bool:
    """Let a word of this key that has not left yet say this in its place, sooner where this is
    more urgent, never later. False where there is none: it has left, or was never to be said.
    """
    if await ledger.notices.reword(word.key, word.person, word.card):
        return True
    held = await ledger.held_words.find(word.key, word.person)
    if held is None:
        return False
    reach = await reach_person(ledger, organisation, word.person, word.zone)
    due = due_at(word.urgency, reach, now)
    await ledger.held_words.save(in_place_of(held, word.card, word.urgency, due))
    return True


async def reach_person(
    ledger: Ledger, organisation: Organisation, user: str, zone: str | None = None
) -> Reach:
    """When the person may be spoken to; `zone` is for whom Slack has said none."""
    known = await ledger.people.find(user)
    where = (known and known.timezone) or zone or organisation.policy.timezone
    return reach_of(await ledger.preferences.of(user), organisation.policy, where)
