from datetime import datetime

from bot.attribution import Clue
from bot.calendars import running_month
from bot.cards import sources as cards
from bot.delegations import acting
from bot.notices import Card
from bot.periods import known_zone
from bot.policy import Organisation
from handlers.steps.read_registered import read_registered
from handlers.steps.read_sight import read_sight
from storage.ledger import Ledger


async def show_sources(
    user: str, *, start: int, ledger: Ledger, organisation: Organisation, now: datetime
) -> Card:
    """All sources for admins and finance, and who stands in for one; for others those that feed
    their workflows, without errors. Who only backs an owner up does not see whose source it is.
    """
    person = await ledger.people.find(user)
    zone = known_zone(person.timezone if person else None) or organisation.policy.timezone
    group = (*organisation.admins, *organisation.finance)
    known = [one for one in await ledger.freshness.sources() if one.is_listed]
    if any(user == one.person for one in acting(group, organisation.delegations, now)):
        return cards.sources(known, zone, now, start=start, whole=True)
    owned, backed = await _feeding(ledger, user, now)
    mine = [one for one in known if one.name in owned | backed]
    registered = await read_registered(ledger)
    month = running_month(organisation.policy, now)
    sight = await read_sight(user, month, registered, ledger, organisation, now)
    unnamed = {name for name in backed - owned if sight.hides(Clue.SOURCE, name)}
    return cards.sources(mine, zone, now, start=start, whole=False, unnamed=unnamed)


async def _feeding(ledger: Ledger, user: str, now: datetime) -> tuple[set[str], set[str]]:
    """The sources of the workflows that they own, and of those that they back up."""
    workflows = {one.key: one for one in await ledger.workflows.of_person(user)}
    owned: set[str] = set()
    backed: set[str] = set()
    for key, feeds in (await ledger.freshness.feeds(workflows, now)).items():
        names = owned if workflows[key].owner == user else backed
        names |= {feed.source for feed in feeds}
    return owned, backed
