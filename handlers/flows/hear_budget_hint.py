from datetime import datetime

from bot.calendars import calendars_of
from bot.cards.gateway_budgets import hinted
from bot.gateway_budgets import BudgetHint
from bot.periods import CapKind, period_of
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
    month = period_of(CapKind.MONTHLY, now, calendars_of(organisation.policy))
    if not await ledger.jobs.claim(JOB, hint.fingerprint, month.start, now):
        return False
    key = f"{JOB}:{hint.fingerprint}:{int(month.start.timestamp())}"
    await tell_admins(ledger, organisation, key, hinted(hint, asks=asks), now)
    return True
