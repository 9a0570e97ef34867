from collections.abc import Sequence
from datetime import datetime

from bot.cards import sources as cards
from bot.delegations import acting
from bot.freshness import Source
from bot.notices import Card
from bot.periods import known_zone
from bot.policy import Organisation
from storage.ledger import Ledger


async def show_sources(
    user: str, *, start: int, ledger: Ledger, organisation: Organisation, now: datetime
) -> Card:
    """All sources for admins and finance, and who stands in for one; for others those that feed
    their workflows, without errors.
    """
    person = await ledger.people.find(user)
    zone = known_zone(person.timezone if person else None) or organisation.policy.timezone
    group = (*organisation.admins, *organisation.finance)
    whole = any(user == one.person for one in acting(group, organisation.delegations, now))
    known = [one for one in await ledger.freshness.sources() if one.is_listed]
    mine = known if whole else await _mine(ledger, user, known, now)
    return cards.sources(mine, zone, now, start=start, whole=whole)


async def _mine(ledger: Ledger, user: str, known: Sequence[Source], now: datetime) -> list[Source]:
    owned = await ledger.workflows.of_person(user)
    feeds = await ledger.freshness.feeds((one.key for one in owned), now)
    names = {feed.source for each in feeds.values() for feed in each}
    return [one for one in known if one.name in names]
