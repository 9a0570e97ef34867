from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.forewarnings import Forewarning, Key, contradicted, ripe
from bot.outlooks import Finding, Outlook, findings
from bot.periods import zone_now
from bot.policy import Organisation
from bot.workflows import Workflow
from handlers.steps.forewarn import forewarn
from handlers.steps.take_forecast import take_forecasts
from handlers.steps.watch_caps import watch_caps
from storage.ledger import Ledger


async def look_ahead(
    ledger: Ledger, organisation: Organisation, workflows: Iterable[Workflow], now: datetime
) -> None:
    """Say what is coming, once. A question for all of them where there is nothing to say."""
    watches = await watch_caps(ledger, organisation, workflows, now)
    standing = [(one.workflow, [cap.state for cap in one.caps]) for one in watches.values()]
    ahead = await take_forecasts(ledger, standing, now)
    known = _by_workflow(await ledger.forewarnings.running(watches, now))
    for key, watch in watches.items():
        zone = zone_now(watch.workflow.calendars, now)
        outlook = Outlook(watch.workflow, watch.caps, ahead[key], zone, now)
        due = await _remember(ledger, outlook, known[key])
        if due and watch.snooze is None:
            await forewarn(ledger, organisation, outlook, due)


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
