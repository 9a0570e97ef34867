from datetime import datetime

from bot.attribution import Clue
from bot.cards import whose as cards
from bot.cards.whose import Seen
from bot.notices import Card
from bot.policy import Organisation
from bot.rule_changes import keepers
from bot.unclaimed import findings, sight_of
from handlers.steps.read_registered import read_registered
from handlers.steps.running_month import running_month
from storage.ledger import Ledger

_MOST = 5_000
_CONTRADICTIONS = 20


async def show_whose(
    clue: Clue | None,
    *,
    start: int,
    by: str,
    ledger: Ledger,
    organisation: Organisation,
    now: datetime,
) -> Card:
    """The running month's spend that belongs to no workflow; all of it by one clue, or the dearest
    by each.
    """
    seen = await _seen(by, ledger, organisation, now)
    return cards.overview(seen) if clue is None else cards.of_clue(seen, clue, start)


async def _seen(by: str, ledger: Ledger, organisation: Organisation, now: datetime) -> Seen:
    month = running_month(organisation, now)
    registered = await read_registered(ledger)
    records = await ledger.traces.nobodys(month.start, month.end, _MOST)
    known = {one.key for one in registered.workflows}
    contradicted = await ledger.traces.contradicted(month.start, month.end, _CONTRADICTIONS)
    people = [*(one.trace.person for one in records), *await ledger.people.called()]
    return Seen(
        await ledger.traces.nobodys_sum(month.start, month.end),
        findings(records, registered),
        [one for one in contradicted if one.declared in known],
        month.start,
        organisation.policy.timezone,
        sight_of(by, people, organisation, registered, now),
        by in keepers(organisation, now),
        len(records) == _MOST,
    )
