from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.trial_days import AccountDay, DayOnTrial
from handlers.steps.read_billing import Bills
from storage.ledger import Ledger

# Of bills, while a person waits.
_MOST_LINES = 30_000


async def read_trial_days(
    wanted: Mapping[AccountDay, int], bills: Bills, edges: Sequence[datetime], ledger: Ledger
) -> tuple[Mapping[AccountDay, DayOnTrial], datetime | None]:
    """Of these days, by how many lines they have, the newest first; and how far back they reach,
    None where they are all. `edges`: instants that part them.
    """
    taken: dict[str, list[datetime]] = {}
    lines, last = 0, None
    for one in sorted(wanted, key=lambda one: (one.day, one.account), reverse=True):
        lines += wanted[one]
        if last is not None and lines > _MOST_LINES:
            return await _read(taken, bills, edges, ledger), last
        taken.setdefault(one.account, []).append(one.day)
        last = one.day
    return await _read(taken, bills, edges, ledger), None


async def _read(
    taken: Mapping[str, Sequence[datetime]],
    bills: Bills,
    edges: Sequence[datetime],
    ledger: Ledger,
) -> Mapping[AccountDay, DayOnTrial]:
    found: dict[AccountDay, DayOnTrial] = {}
    for account, days in taken.items():
        found |= await ledger.bill_traces.on_trial(account, days, bills.of(account), edges)
    return found
