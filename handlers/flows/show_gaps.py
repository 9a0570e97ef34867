from datetime import datetime

from bot.calendars import running_month
from bot.caps import running_period
from bot.cards import gaps as cards
from bot.gaps import Gaps, incomplete
from bot.notices import Card
from bot.periods import CapKind
from bot.policy import Organisation
from handlers.steps.read_registered import read_registered
from handlers.steps.read_sight import read_sight
from storage.ledger import Ledger

_SOURCES = 50


async def show_gaps(by: str, ledger: Ledger, organisation: Organisation, now: datetime) -> Card:
    """Spend without a workflow, workflows that lack something, sources that no workflow uses."""
    month, zone = running_month(organisation.policy, now), organisation.policy.timezone
    registered = await read_registered(ledger)
    workflows = registered.workflows
    held = await ledger.spend.in_periods(
        (one.key, running_period(one, CapKind.MONTHLY, now)) for one in workflows if one.calendars
    )
    spent = {key: one.cost for (key, _), one in held.items()}
    gaps = Gaps(
        await ledger.traces.nobodys_sum(month.start, month.end),
        incomplete(workflows, spent, zone, now),
        await ledger.traces.nobodys_sources(month.start, month.end, _SOURCES),
        month.start,
        zone,
        await read_sight(by, month, registered, ledger, organisation, now),
    )
    return cards.shown(gaps)
