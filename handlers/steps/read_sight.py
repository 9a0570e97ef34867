from datetime import datetime

from bot.attribution import Clue
from bot.namesakes import EVERYTHING, Sight
from bot.periods import Period
from bot.policy import Organisation
from bot.unclaimed import Registered, sees_names, sight_of
from storage.ledger import Ledger

# Of whoever's spend, the newest records.
_MOST = 50_000


async def read_sight(
    by: str,
    month: Period,
    registered: Registered,
    ledger: Ledger,
    organisation: Organisation,
    now: datetime,
) -> Sight:
    """Whose names one person sees where spend of the month, its rules and sources are listed.

    People are known from Slack, from rules for them, and from the records.
    """
    if sees_names(by, registered, organisation, now):
        return EVERYTHING
    people = await read_known_people(ledger)
    people += await ledger.traces.people(month.start, month.end, _MOST)
    return sight_of(people, registered, organisation)


async def read_known_people(ledger: Ledger) -> list[str]:
    """From Slack and from rules for them; who is only in records is not asked for."""
    rules = await ledger.attribution_rules.all()
    people = [one.pattern for one in rules if one.clue is Clue.PERSON]
    return [*people, *await ledger.people.called()]
