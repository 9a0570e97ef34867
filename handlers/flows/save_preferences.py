from datetime import datetime

from bot.cards import settings as cards
from bot.changes import Change
from bot.notices import Card
from bot.policy import Organisation
from bot.reach import Preferences, Reach, due_at
from handlers.steps.tell_person import reach_person
from storage.ledger import Ledger
from storage.preferences import as_text


async def save_preferences(
    chosen: Preferences, *, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> Card:
    """Keep when the person wants to be spoken to; what waits for them moves along."""
    before = await ledger.preferences.of(by)
    if before == chosen:
        return cards.unchanged(await reach_person(ledger, organisation, by))
    await ledger.preferences.save(by, chosen)
    change = Change(now, by, f"person:{by}", "chose their hours", as_text(before), as_text(chosen))
    await ledger.changes.add(change)
    reach = await reach_person(ledger, organisation, by)
    return cards.saved(reach, await _move_waiting(ledger, by, reach, now))


async def _move_waiting(ledger: Ledger, person: str, reach: Reach, now: datetime) -> int:
    waiting = await ledger.held_words.waiting(person)
    for word in waiting:
        await ledger.held_words.move(word.key, due_at(word.urgency, reach, now))
    return len(waiting)
