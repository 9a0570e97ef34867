from collections.abc import Iterable
from datetime import datetime

from bot.alerts import AlertedPeriod, CapWatch, alerts_of
from storage.ledger import Ledger


async def record_reached(
    ledger: Ledger, workflow: str, caps: Iterable[CapWatch], said_by: str, now: datetime
) -> None:
    """Remember the thresholds these caps have reached as said by that notice: no alert follows."""
    for watch in caps:
        unsaid = [at for at in watch.reached if at not in watch.said]
        for alert in alerts_of(workflow, watch, unsaid, said_by, now):
            await ledger.alerts.add((alert,))
        if unsaid:
            spent, cap = watch.holds.cost, watch.cap
            await ledger.alerts.show(
                AlertedPeriod(workflow, cap.period, None, None, spent, cap.amount, now)
            )
