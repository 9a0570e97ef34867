from datetime import datetime

from bot.cards import glance as cards
from bot.notices import Card
from bot.policy import Organisation
from handlers.steps.read_glance import read_glance
from storage.ledger import Ledger


async def show_status(
    user: str, *, start: int, ledger: Ledger, organisation: Organisation, now: datetime
) -> Card:
    """The person's workflows at a glance, and what waits for them."""
    seen = await read_glance(ledger, organisation, user, now)
    return cards.glance(seen, user, start=start)
