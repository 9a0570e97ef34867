from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.forecast import Day
from bot.forewarnings import Forewarning, Key, contradicted, ripe
from bot.outlooks import Finding, Outlook, findings, within_reach
from bot.periods import zone_now
from bot.policy import Organisation
from bot.workflows import Workflow
from handlers.steps.forewarn import forewarn
from handlers.steps.take_forecast import REMEMBERED, days_of, forecasts_of
from handlers.steps.watch_caps import Watch, watch_caps
from storage.ledger import Ledger


async def look_ahead(
    ledger: Ledger, organisation: Organisation, workflows: Iterable[Workflow], now: datetime
) -> None:
    """Say what is coming, once. A question for all of them where there is nothing to say."""
    watches = await watch_caps(ledger, organisation, workflows, now)
    series = await ledger.history.days(watches, now - REMEMBERED, now)
    known = _by_workflow(await ledger.forewarnings.running(watches, now))
    for key, watch in watches.items():
        outlook = _outlook(watch, days_of(watch.workflow, series.get(key, ())), now)
        due = await _remember(ledger, outlook, known[key])
        if due and watch.snooze is None:
            await forewarn(ledger, organisation, outlook, due)


def _outlook(watch: Watch, days: Sequence[Day], now: datetime) -> Outlook:
    workflow = watch.workflow
    near = [cap.state for cap in watch.caps if within_reach(cap, workflow, days, now)]
    ahead = forecasts_of(workflow, near, days, now)
    return Outlook(workflow, watch.caps, ahead, zone_now(workflow.calendars, now), now)


def _by_workflow(rows: Iterable[Forewarning]) -> dict[str, list[Forewarning]]:
    known: dict[str, list[Forewarning]] = defaultdict(list)
    for one in rows:
        known[one.workflow].append(one)
    return known


async def _remember(
    ledger: Ledger, outlook: Outlook, known: Sequence[Forewarning]
) -> tuple[tuple[Forewarning, Finding], ...]:
    """What this look finds, kept; what of it is to be said."""
    found = {one.key: one for one in findings(outlook)}
    for one in contradicted(known, found, outlook.now):
        await ledger.forewarnings.forget(one)
    before = {one.key: one for one in known}
    seen = [_seen(one, before, outlook) for one in found.values()]
    for each in seen:
        await ledger.forewarnings.seen(each)
    return tuple((one, found[one.key]) for one in seen if ripe(one, outlook.now))


def _seen(one: Finding, before: dict[Key, Forewarning], outlook: Outlook) -> Forewarning:
    now = outlook.now
    if known := before.get(one.key):
        return replace(known, seen_at=now)
    return Forewarning(outlook.workflow.key, one.sort, one.period, one.amount, now, now)
