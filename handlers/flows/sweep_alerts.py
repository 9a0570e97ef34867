from datetime import UTC, datetime, timedelta

from bot.policy import Organisation
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
    await end_overrides(ledger, organisation, await ledger.overrides.over(now), now)
    slot = _slot(now)
    if not await ledger.jobs.claim(JOB, "", slot, now):
        return
    await ledger.jobs.forget(JOB, slot)
    due = await ledger.alerts.worth_a_look(min(organisation.policy.thresholds), now)
    await raise_alerts(ledger, organisation, due, now)
    await _refresh(ledger, organisation, now)


def _slot(now: datetime) -> datetime:
    seconds = int(EVERY.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)


async def _refresh(ledger: Ledger, organisation: Organisation, now: datetime) -> None:
    shown = await ledger.alerts.alerted(now)
    workflows = await ledger.workflows.find({one.workflow for one in shown})
    watches = await watch_caps(ledger, organisation, workflows.values(), now)
    await refresh_alerts(ledger, watches.values(), now)
