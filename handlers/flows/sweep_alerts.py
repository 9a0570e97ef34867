from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bot.policy import Organisation
from handlers.steps.each_apart import together_or_apart
from handlers.steps.end_overrides import end_overrides
from handlers.steps.raise_alerts import raise_alerts
from handlers.steps.refresh_alerts import refresh_alerts
from handlers.steps.watch_caps import watch_caps
from storage.ledger import Ledger

JOB = "sweep_alerts"
# Usage raises its own alerts; this is for what time or another setting changes by itself.
EVERY = timedelta(minutes=5)


async def sweep_alerts(ledger: Ledger, organisation: Organisation, now: datetime) -> None:
    """Announce overrides that have run out; every five minutes look at every cap."""
    over = await ledger.overrides.over(now)
    await together_or_apart(
        ledger, over, lambda some: end_overrides(ledger, organisation, some, now)
    )
    slot = _slot(now)
    if not await ledger.jobs.claim(JOB, "", slot, now):
        return
    await ledger.jobs.forget(JOB, slot)
    due = await ledger.alerts.worth_a_look(min(organisation.policy.thresholds), now)
    await together_or_apart(ledger, due, lambda keys: raise_alerts(ledger, organisation, keys, now))
    shown = {one.workflow for one in await ledger.alerts.alerted(now)}
    await together_or_apart(ledger, shown, lambda keys: _refresh(ledger, organisation, keys, now))


def _slot(now: datetime) -> datetime:
    seconds = int(EVERY.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)


async def _refresh(
    ledger: Ledger, organisation: Organisation, keys: Iterable[str], now: datetime
) -> None:
    workflows = await ledger.workflows.find(keys)
    watches = await watch_caps(ledger, organisation, workflows.values(), now)
    await refresh_alerts(ledger, watches.values(), now)
