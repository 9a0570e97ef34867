from datetime import datetime

from bot.charges import Bill
from bot.periods import open_since
from bot.sources import RECONCILED, Kind, Reported
from handlers.desk import Desk
from storage.charges import Replaced
from storage.ledger import Ledger
from storage.sources import OURS


async def record_bill(bill: Bill, ledger: Ledger, _desk: Desk, now: datetime) -> Replaced:
    """Keep it. What changed is reconciled with the realtime records afterwards, by the clock."""
    replaced = await ledger.charges.replace(bill, now)
    await _report(bill, ledger, now)
    await ledger.sources.heard(bill, replaced.added - replaced.gone, now)
    await ledger.reconciliations.mark(replaced.days, now)
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
    before = await ledger.source_accounts.silent()
    after = await ledger.source_accounts.add(news, now)
    if after - before - {(one.source, one.account) for one in news}:
        # Another bill stood for this account until now.
        await ledger.recounts.want(open_since(now), OURS, now)
