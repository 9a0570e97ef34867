from datetime import datetime

from bot.charges import Bill
from bot.periods import open_since
from bot.sources import RECONCILED, Kind, Reported
from handlers.desk import Desk
from storage.charges import Replaced
from storage.ledger import Ledger
from storage.sources import OURS


async def record_bill(bill: Bill, ledger: Ledger, desk: Desk, now: datetime) -> Replaced:
    """Keep it. What changed is reconciled with the realtime records afterwards, by the clock."""
    replaced = await keep_bill(bill, ledger, desk, now)
    await ledger.reconciliations.mark(replaced.days, now)
    return replaced


async def keep_bill(bill: Bill, ledger: Ledger, _desk: Desk, now: datetime) -> Replaced:
    """One of several of a ledger. The days of all are to be marked together, as its last act:
    whoever books marks days in order, and waits in no circle with who does so too.
    """
    # First, so that of two who record a bill of the same source one waits.
    await ledger.sources.heard(bill, 0, now)
    replaced = await ledger.charges.replace(bill, now)
    await ledger.sources.count(bill.source, replaced.added - replaced.gone)
    await _report(bill, ledger, now)
    return replaced


async def _report(bill: Bill, ledger: Ledger, now: datetime) -> None:
    known = await ledger.source_accounts.all()
    accounts = {charge.account for charge in bill.charges}
    news = {Reported(bill.source, account, bill.kind) for account in accounts}
    # So that whoever settles a day notes no source, for which others wait.
    news |= {Reported(f"{RECONCILED}{account}", "", Kind.BILL) for account in accounts}
    news -= known
    if not news:
        return
    billed = {one.account for one in known if one.kind in {Kind.BILL, Kind.EXPORT}}
    before = await ledger.source_accounts.silent()
    after = await ledger.source_accounts.add(news, now)
    mine = {(one.source, one.account) for one in news}
    # Another bill stood for an account until now; or none did, and whoever books at this moment
    # marks no day of it.
    if after - before - mine or accounts - billed:
        await ledger.recounts.want(open_since(now), OURS, now)
