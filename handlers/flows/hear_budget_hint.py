from datetime import datetime

from bot.calendars import running_month
from bot.cards.gateway_budgets import hinted
from bot.gateway_budgets import BudgetHint
from bot.policy import Organisation
from handlers.steps.tell_admins import tell_admins
from storage.ledger import Ledger

JOB = "gateway-budget"


async def hear_budget_hint(
    hint: BudgetHint,
    source: str | None,
    ledger: Ledger,
    organisation: Organisation,
    now: datetime,
) -> bool:
    """Tell admins once a period, and have the gateway's log asked at once, where `source` names one
    that is asked. False where it was told before.
    """
    asks = source is not None and await ledger.pulls.hasten(source, now)
    # It does not say of which period its budget is; a month is the usual one.
    month = running_month(organisation.policy, now)
    if not await ledger.jobs.claim(JOB, hint.fingerprint, month.start, now):
        return False
    key = f"{JOB}:{hint.fingerprint}:{int(month.start.timestamp())}"
    await tell_admins(ledger, organisation, key, hinted(hint, asks=asks), now)
    return True
