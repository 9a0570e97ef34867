from datetime import datetime

from bot.caps import CapInForce, running_period
from bot.money import ZERO
from bot.periods import CapKind
from bot.review_decisions import Expected
from bot.workflows import Workflow
from handlers.steps.take_forecast import take_forecast
from storage.ledger import Ledger


async def expect_month(ledger: Ledger, workflow: Workflow, now: datetime) -> Expected | None:
    """What the running month would cost if nothing changed; None where nothing says so."""
    month = running_period(workflow, CapKind.MONTHLY, now)
    # The cap does not matter: only when it would be hit depends on it.
    found = await take_forecast(
        ledger, workflow, CapInForce(CapKind.MONTHLY, ZERO, ZERO, (), month), now
    )
    return None if found is None else Expected(month, found.expected)
