from datetime import datetime

from bot.cards.open_requests import listed
from bot.notices import Card
from bot.policy import Organisation
from handlers.steps.read_open_requests import read_open_requests
from storage.ledger import Ledger


async def list_requests(
    user: str, ledger: Ledger, organisation: Organisation, now: datetime, *, start: int = 0
) -> Card:
    return listed(await read_open_requests(ledger, organisation, user, now), now, start=start)
