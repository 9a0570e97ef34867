from dataclasses import dataclass
from datetime import datetime

from bot.notices import Card, Urgency
from bot.policy import Organisation
from storage.ledger import Ledger


@dataclass(frozen=True)
class Word:
    """What one person is told, once under this key."""

    key: str
    person: str
    card: Card
    urgency: Urgency = Urgency.NORMAL


async def tell_person(
    ledger: Ledger, _organisation: Organisation, word: Word, now: datetime
) -> None:
    """Say it in their DM, as soon as its urgency allows in the person's own time."""
    await ledger.notices.post(word.key, word.person, word.card, now)
