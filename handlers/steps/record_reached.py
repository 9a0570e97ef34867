from collections.abc import Iterable
from datetime import datetime

from bot.alerts import AlertedPeriod, CapWatch, alerts_of
from storage.ledger import Ledger


async def record_reached(
    ledger: Ledger, workflow: str, caps: Iterable[CapWatch], said_by: str, now: datetime
) -> None:
    """Remember the thresholds these caps have reached as said by that notice: no alert follows."""
    known = {one.period for one in await ledger.alerts.alerted(now, [workflow])}
    for watch in caps:
        unsaid = [at for at in watch.reached if at not in watch.said]
        for alert in alerts_of(workflow, watch, unsaid, said_by, now):
            await ledger.alerts.add((alert,))
        if unsaid and watch.cap.period not in known:
            await ledger.alerts.show(_without_message(workflow, watch, now))


def _without_message(workflow: str, watch: CapWatch, now: datetime) -> AlertedPeriod:
    cap = watch.cap
    return AlertedPeriod(workflow, cap.period, None, None, watch.holds.cost, cap.amount, now)
