import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from bot.anomalies import HABIT, LATELY, Hour, Spike, spiking
from bot.forecast import Trail
from bot.forewarnings import Forewarning, contradicted, ripe, seen_again, spoken_for
from bot.outlooks import Finding, Outlook, findings, may_spike, within_reach
from bot.periods import zone_now
from bot.policy import Organisation
from bot.workflows import Workflow
from handlers.steps.forewarn import forewarn
from handlers.steps.take_forecast import REMEMBERED, forecasts_of, hours_of, trail_of
from handlers.steps.watch_caps import Watch, watch_caps
from storage.ledger import Ledger

# The day that is looked at comes on top of its habit.
_MORE = timedelta(days=2)


async def look_ahead(
    ledger: Ledger, organisation: Organisation, workflows: Iterable[Workflow], now: datetime
) -> None:
    """Say what is coming, once. As many questions for all of them as for one, where nothing is."""
    watches = await watch_caps(ledger, organisation, workflows, now)
    days = await ledger.history.days(watches, now - REMEMBERED, now)
    hours = await ledger.history.hours(watches, now - max(LATELY.values()), now)
    known = _by_workflow(await ledger.forewarnings.running(watches, now))
    floor = organisation.policy.anomaly_over
    for key, watch in watches.items():
        recent = hours_of(hours.get(key, ()))
        trail = trail_of(watch.workflow, days.get(key, ()), recent, now)
        outlook = await _outlook(ledger, watch, (trail, recent), floor, now)
        # A forecast is reckoned in one go; whoever waits for an answer gets it in between.
        await asyncio.sleep(0)
        due = await _remember(ledger, outlook, known[key])
        if due and watch.snooze is None:
            await forewarn(ledger, organisation, outlook, due)


def _by_workflow(rows: Iterable[Forewarning]) -> dict[str, list[Forewarning]]:
    known: dict[str, list[Forewarning]] = defaultdict(list)
    for one in rows:
        known[one.workflow].append(one)
    return known


async def _outlook(
    ledger: Ledger,
    watch: Watch,
    past: tuple[Trail, Sequence[Hour]],
    floor: Decimal,
    now: datetime,
) -> Outlook:
    trail, hours = past
    workflow, zone = watch.workflow, zone_now(watch.workflow.calendars, now)
    near = [one.state for one in watch.caps if within_reach(one.state, workflow, trail, now)]
    ahead = forecasts_of(workflow, near, trail, now)
    outlook = Outlook(workflow, watch.caps, ahead, zone, now, hours, floor)
    if not may_spike(trail.days, hours, floor, zone, now):
        return outlook
    return replace(outlook, spike=await _spike(ledger, outlook))


async def _spike(ledger: Ledger, outlook: Outlook) -> Spike | None:
    key, now = outlook.workflow.key, outlook.now
    found = await ledger.history.hours([key], now - HABIT - _MORE, now)
    weeks = hours_of(found.get(key, ()))
    # Of the running hour little is known yet; the one before has just become whole.
    for moment in (now, _hour_before(now)):
        if spike := spiking(weeks, outlook.zone, outlook.floor, moment):
            return spike
    return None


def _hour_before(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0) - timedelta(microseconds=1)


async def _remember(
    ledger: Ledger, outlook: Outlook, known: Sequence[Forewarning]
) -> tuple[tuple[Forewarning, Finding], ...]:
    """What this look finds, kept; what of it is to be said."""
    found = findings(outlook)
    for one in contradicted(known, {one.key for one in found}, outlook.now):
        await ledger.forewarnings.forget(one)
    seen = [(seen_again(_found(one, outlook), known), one) for one in found]
    for each, _ in seen:
        await ledger.forewarnings.seen(each)
    return tuple(
        (each, one) for each, one in seen if ripe(each, outlook.now) and not spoken_for(each, known)
    )


def _found(one: Finding, outlook: Outlook) -> Forewarning:
    now = outlook.now
    return Forewarning(outlook.workflow.key, one.sort, one.period, one.amount, now, now)
