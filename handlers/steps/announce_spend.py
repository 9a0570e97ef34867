from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.alerts import Quiet
from bot.falls import Fall
from bot.policy import Organisation
from handlers.steps.raise_alerts import raise_alerts
from storage.ledger import Ledger

# Workflows. A statement holds a limited number of parameters.
_AT_ONCE = 500


async def announce_spend(
    ledger: Ledger,
    organisation: Organisation,
    workflows: Iterable[str],
    now: datetime,
    why: Mapping[str, Fall] | None = None,
) -> dict[str, Quiet]:
    """What a booking makes due, for any number of workflows. `why`: what may make their spend
    fall.
    """
    quiet: dict[str, Quiet] = {}
    keys = sorted(workflows)
    for at in range(0, len(keys), _AT_ONCE):
        quiet |= await raise_alerts(ledger, organisation, keys[at : at + _AT_ONCE], now, why)
    return quiet
