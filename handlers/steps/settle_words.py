from collections.abc import Callable
from datetime import datetime

from bot.notices import Card
from storage.ledger import Ledger


async def settle_words(
    ledger: Ledger, prefix: str, settled: Callable[[Card], Card], now: datetime
) -> None:
    """Every word under a key that still has buttons says how it ended instead; also to those who
    would not be asked today.
    """
    for key in await ledger.notices.under(prefix):
        card = await ledger.notices.shown(key) or await ledger.held_words.card(key)
        if card is not None and card.has_buttons:
            await ledger.notices.update(key, settled(card), now)
