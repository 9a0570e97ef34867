from datetime import datetime

from bot.notices import Card
from storage.ledger import Ledger


async def rewrite_word(ledger: Ledger, key: str, card: Card, now: datetime) -> None:
    """A word to one person says this instead, whether it waits for their hour or has left."""
    await ledger.held_words.rewrite(key, card)
    await ledger.notices.update(key, card, now)
