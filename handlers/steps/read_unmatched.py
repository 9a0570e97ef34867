from datetime import datetime

from bot.account_months import LineSum, month_of
from bot.attribution import UNATTRIBUTED
from handlers.steps.read_billing import Billing
from storage.ledger import Ledger

_MOST_SUMS = 2_000


async def read_unmatched(
    account: str, month: datetime, billing: Billing, ledger: Ledger
) -> list[LineSum]:
    """Lines of an account's bill that no rule matches, the dearest first."""
    sums = await ledger.bill_lines.sums(account, billing.of(account), *month_of(month), _MOST_SUMS)
    return [one for one in sums if billing.whose(one.trace) == UNATTRIBUTED]
