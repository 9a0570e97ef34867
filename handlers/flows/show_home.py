from datetime import datetime
from typing import Any

from bot.cards import home as cards
from bot.periods import known_zone
from bot.policy import Organisation
from handlers.steps.read_glance import read_glance
from storage.ledger import Ledger


async def show_home(
    user: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> dict[str, Any]:
    """The person's App Home, as a view of Slack's."""
    person = await ledger.people.find(user)
    own = person.timezone if person else None
    zone = known_zone(own) or organisation.policy.timezone
    return cards.home(await read_glance(ledger, organisation, user, now), user, zone, now)
