from datetime import datetime

from bot.changes import Change
from bot.charges import Bill
from bot.clearing import Clearing, NotCleared
from bot.sources import Kind
from storage.ledger import Ledger

_BY = "budget-bot source clear"


async def clear_bill(wanted: Clearing, ledger: Ledger, now: datetime) -> int:
    """Take away lines of an imported bill, as a newer file without them would; how many days are
    settled again. Raises NotCleared where it is not what was shown.
    """
    await ledger.sources.hold(wanted.source)
    told = await ledger.bill_lines.by_day(wanted.source)
    if set(told) != {*wanted.gone, *wanted.left}:
        raise NotCleared(
            f"{wanted.source} has been imported anew meanwhile, so nothing was taken away. Look "
            "again at what it tells."
        )
    days = set[tuple[str, datetime]]()
    for stretch in wanted.stretches():
        bill = Bill(wanted.source, stretch, (), None, Kind.EXPORT)
        days |= (await ledger.charges.replace(bill, now)).days
    await _forget(wanted, ledger, now)
    await ledger.changes.add(_change(wanted, now))
    # As the last act: whoever books marks days in order, and waits in no circle with this.
    await ledger.reconciliations.mark(days, now)
    return len({day for _, day in days})


async def _forget(wanted: Clearing, ledger: Ledger, now: datetime) -> None:
    if wanted.through is None:
        await ledger.sources.forget(wanted.source)
    else:
        await ledger.sources.count(wanted.source, -wanted.lines)
        await ledger.sources.told(wanted.source, min(wanted.through, now))
    await ledger.source_accounts.remove(wanted.source, wanted.accounts_gone)


def _change(wanted: Clearing, now: datetime) -> Change:
    was = {
        "lines": wanted.lines,
        "cost": str(wanted.cost),
        "first_day": f"{wanted.first:%Y-%m-%d}",
        "last_day": f"{wanted.last:%Y-%m-%d}",
    }
    return Change(now, _BY, f"source:{wanted.source}", "took away the lines of an import", was)
