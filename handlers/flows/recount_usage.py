from dataclasses import replace
from datetime import datetime

from bot.calendars import open_months
from bot.falls import of_recount
from bot.policy import Organisation
from bot.rule_changes import settled_since
from handlers.steps.announce_spend import announce_spend
from storage.ledger import Ledger

# Records, one transaction: some tenths of a second of SQLite's one writer.
_AT_ONCE = 10_000


async def recount_usage(ledger: Ledger, organisation: Organisation, now: datetime) -> None:
    """Attribute the next records anew, after rules, prices or lanes have changed."""
    recount = await ledger.recounts.next()
    if recount is None:
        return
    billed: tuple[tuple[str, datetime], ...] = ()
    if not recount.begun:
        recount = await ledger.recounts.begin(recount)
        months = open_months(await ledger.workflows.all(), organisation.policy, now).values()
        since = settled_since(recount.since, recount.wanted_at, months)
        billed = await ledger.charges.days(since)
    done = await ledger.usage.recount(recount, _AT_ONCE, now, billed)
    recount = replace(
        recount,
        cursor=done.cursor,
        looked_at=recount.looked_at + done.looked_at,
        moved=recount.moved + done.moved,
        done_at=now if done.cursor >= recount.until else None,
    )
    await ledger.recounts.save(recount)
    why = dict.fromkeys(done.workflows, of_recount(recount.wanted_by))
    await announce_spend(ledger, organisation, done.workflows, now, why)
