from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.periods import slot_of
from bot.policy import Organisation
from handlers.steps.each_apart import together_or_apart
from handlers.steps.end_overrides import end_overrides
from handlers.steps.next_page import next_page
from handlers.steps.raise_alerts import raise_alerts
from handlers.steps.refresh_alerts import refresh_alerts
from handlers.steps.watch_caps import watch_caps
from storage.ledger import Ledger

JOB = "sweep_alerts"
# Usage raises its own alerts; this is for what time or another setting changes by itself.
EVERY = timedelta(minutes=5)


async def sweep_alerts(ledger: Ledger, organisation: Organisation, now: datetime) -> None:
    """Announce overrides that have run out; every five minutes look at every cap, a page of their
    workflows each time it is called.
    """
    over = await ledger.overrides.over(now)
    await together_or_apart(
        ledger, over, lambda some: end_overrides(ledger, organisation, some, now)
    )
    keys = await next_page(
        ledger, JOB, slot_of(now, EVERY), lambda: _worth_a_look(ledger, organisation, now), now
    )
    await together_or_apart(
        ledger, keys, lambda some: raise_alerts(ledger, organisation, some, now)
    )
    shown = {one.workflow for one in await ledger.alerts.alerted(now, keys)} if keys else set()
    await together_or_apart(ledger, shown, lambda some: _refresh(ledger, organisation, some, now))


async def _worth_a_look(ledger: Ledger, organisation: Organisation, now: datetime) -> set[str]:
    worth = await ledger.alerts.worth_a_look(min(organisation.policy.thresholds), now)
    return {*worth, *(one.workflow for one in await ledger.alerts.alerted(now))}


async def _refresh(
    ledger: Ledger, organisation: Organisation, keys: Iterable[str], now: datetime
) -> None:
    workflows = await ledger.workflows.find(keys)
    watches = await watch_caps(ledger, organisation, workflows.values(), now)
    await refresh_alerts(ledger, watches.values(), now)
