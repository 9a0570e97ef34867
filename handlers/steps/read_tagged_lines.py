import asyncio
from collections.abc import Iterable

from bot.periods import Period
from bot.policy import Organisation
from bot.sources import RECONCILED, is_reconciled
from bot.tagged import Tagged, by_tag, lines_of_nobody
from bot.unclaimed import Nobodys, Registered
from handlers.steps.read_billing import read_billing
from handlers.steps.read_trial_days import read_trial_days
from storage.ledger import Ledger


async def read_tagged_lines(
    records: Iterable[Nobodys],
    month: Period,
    registered: Registered,
    ledger: Ledger,
    organisation: Organisation,
    most: int,
) -> Tagged:
    """By tag, the lines of bills whose money is among a month's records of nobody."""
    sources = {one.trace.source for one in records if is_reconciled(one.trace.source)}
    if not sources:
        return Tagged((), partial=False)
    billing = await read_billing(ledger, organisation, {one.key for one in registered.workflows})
    touched = await ledger.bill_traces.days(month.start, (), billing.sources)
    wanted = {
        day: each.lines
        for day, each in touched.items()
        if day.day < month.end and f"{RECONCILED}{day.account}" in sources
    }
    edges = month.start, month.end
    days, missed = await read_trial_days(wanted, billing, edges, ledger)
    # In a thread, as everybody else would wait for it.
    lines = lines_of_nobody(days, month, billing.whose)
    tagged = await asyncio.to_thread(by_tag, lines, most)
    return tagged._replace(partial=tagged.partial or missed is not None)
