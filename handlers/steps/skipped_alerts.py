from datetime import datetime
from itertools import groupby

from bot.alerts import Alert
from bot.cards import sendings as cards
from bot.periods import zone_now
from storage.ledger import Ledger


async def skipped_alerts(ledger: Ledger, workflow: str, now: datetime) -> tuple[str, ...]:
    """What was kept back in the running periods, and why."""
    zone = zone_now((await ledger.workflows.get(workflow)).calendars, now)
    alerts = sorted(await ledger.alerts.running([workflow], now), key=_moment)
    jumped = [
        line
        for _, together in groupby(alerts, key=_moment)
        for line in cards.jumped(list(together), zone)
    ]
    snooze = (await ledger.snoozes.running([workflow])).get(workflow)
    kept_back = snooze is not None and snooze.in_force(now)
    return (*jumped, *([cards.snoozed(snooze, zone)] if snooze and kept_back else []))


def _moment(alert: Alert) -> tuple[str, str, datetime, int]:
    return alert.notice, alert.cap.value, alert.period.start, int(alert.amount)
