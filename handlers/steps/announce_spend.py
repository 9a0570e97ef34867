from collections.abc import Iterable
from datetime import datetime

from bot.alerts import Quiet
from bot.policy import Organisation
from handlers.steps.raise_alerts import raise_alerts
from storage.ledger import Ledger

# Workflows. A statement holds a limited number of parameters.
_AT_ONCE = 500


async def announce_spend(
    ledger: Ledger, organisation: Organisation, workflows: Iterable[str], now: datetime
) -> dict[str, Quiet]:
    """What a booking makes due, for any number of workflows."""
    quiet: dict[str, Quiet] = {}
    keys = sorted(workflows)
    for at in range(0, len(keys), _AT_ONCE):
        quiet |= await raise_alerts(ledger, organisation, keys[at : at + _AT_ONCE], now)
    return quiet
