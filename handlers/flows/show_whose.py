from dataclasses import dataclass
from datetime import date, datetime

from bot.attribution import Clue
from bot.calendars import month_from, running_month
from bot.cards import whose as cards
from bot.cards.whose import Past, Seen
from bot.notices import Card
from bot.policy import Organisation
from bot.rule_changes import Reach, keepers
from bot.tagged import Tagged
from bot.unclaimed import findings
from handlers.steps.read_feeds import read_all_feeds
from handlers.steps.read_registered import read_registered
from handlers.steps.read_sight import read_sight
from handlers.steps.read_tagged_lines import read_tagged_lines
from storage.ledger import Ledger

_MOST = 5_000
_CONTRADICTIONS = 20


@dataclass(frozen=True)
class WhosePage:
    """All by one clue from the `start`-th on, or the dearest by each. `month`: the first day of one
    that may be over, None for the running one.
    """

    clue: Clue | None = None
    start: int = 0
    month: date | None = None


async def show_whose(
    page: WhosePage, *, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> Card:
    """A month's spend that belongs to no workflow. Raises Refusal of one that is ahead."""
    seen = await _seen(page, by, ledger, organisation, now)
    if page.clue is None:
        return cards.overview(seen)
    return cards.of_clue(seen, page.clue, page.start)


async def _seen(
    page: WhosePage, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> Seen:
    first = page.month
    month = month_from(first, organisation.policy, now)
    past = None
    if first is not None and now not in month:
        past = Past(first, Reach.of(month, running_month(organisation.policy, now)))
    registered = await read_registered(ledger)
    records = await ledger.traces.nobodys(month.start, month.end, _MOST)
    tagged = lines = Tagged((), partial=False)
    if page.clue in {None, Clue.DECLARED}:
        tagged = await ledger.traces.tagged(month.start, month.end, _MOST)
        lines = await read_tagged_lines(records, month, registered, ledger, organisation, _MOST)
    known = {one.key for one in registered.workflows}
    contradicted = await ledger.traces.contradicted(month.start, month.end, _CONTRADICTIONS)
    sight = await read_sight(by, month, registered, ledger, organisation, now)
    whole = await ledger.traces.nobodys_sum(month.start, month.end)
    return Seen(
        whole,
        findings(records, registered, (*tagged.records, *lines.records)),
        [one for one in contradicted if one.declared in known],
        month.start,
        organisation.policy.timezone,
        sight,
        by in keepers(organisation, now),
        len(records) == _MOST or tagged.partial or lines.partial,
        past,
        nothing=not whole.number and not await ledger.traces.holds_any(month.start, month.end),
        feeds=await read_all_feeds(ledger, month.start, now, sight),
    )
