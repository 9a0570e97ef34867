from collections.abc import Sequence
from datetime import datetime

from bot.account_months import may_reconcile, month_of
from bot.calendars import running_month
from bot.caps import running_period
from bot.cards import gaps as cards
from bot.gaps import Gaps, UnmatchedBill, incomplete
from bot.money import ZERO
from bot.notices import Card
from bot.periods import CapKind
from bot.policy import Organisation
from bot.workflows import Workflow
from handlers.steps.read_billing import read_billing
from handlers.steps.read_feeds import read_all_feeds
from handlers.steps.read_registered import read_registered
from handlers.steps.read_sight import read_sight
from handlers.steps.read_unmatched import read_unmatched
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
    sight = await read_sight(by, month, registered, ledger, organisation, now)
    gaps = Gaps(
        await ledger.traces.nobodys_sum(month.start, month.end),
        incomplete(workflows, spent, zone, now),
        await ledger.traces.nobodys_sources(month.start, month.end, _SOURCES),
        month.start,
        zone,
        sight,
        await _bills(by, workflows, ledger, organisation, now),
        await read_all_feeds(ledger, month.start, now, sight),
    )
    return cards.shown(gaps)


async def _bills(
    by: str,
    workflows: Sequence[Workflow],
    ledger: Ledger,
    organisation: Organisation,
    now: datetime,
) -> list[UnmatchedBill]:
    """The dearest first, of this month of UTC days, for those who may see bills."""
    if not may_reconcile(by, organisation, now):
        return []
    noted = await ledger.reconciliations.between(*month_of(now))
    seen = sorted({one.account for one in noted if one.realtime})
    billing = await read_billing(ledger, organisation, {one.key for one in workflows})
    found = [(name, await read_unmatched(name, now, billing, ledger)) for name in seen]
    bills = [
        UnmatchedBill(name, sum((one.cost for one in sums), ZERO), sum(one.lines for one in sums))
        for name, sums in found
        if sums
    ]
    return sorted(bills, key=lambda one: -one.cost)
