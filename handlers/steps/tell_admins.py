from datetime import datetime

from bot.notices import Card
from bot.policy import Organisation
from storage.ledger import Ledger


async def tell_admins(
    ledger: Ledger,
    organisation: Organisation,
    key: str,
    card: Card,
    now: datetime,
    *,
    besides: str = "",
) -> None:
    """In the admin channel, else each admin by DM; `besides` is a place that does not work."""
    places = (organisation.admin_channel or "", *organisation.admins)
    working = [place for place in places if place and place != besides]
    channel = [place for place in working if place == organisation.admin_channel]
    for place in channel or working:
        await ledger.notices.post(f"{key}:{place}", place, card, now)
