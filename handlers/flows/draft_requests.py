from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from bot.alerts import CapWatch
from bot.cards.drafts import Drafting
from bot.drafts import Cause, Draft, DraftState, is_told, past_soft_limit, settled
from bot.periods import slot_of, zone_now
from bot.policy import Organisation
from handlers.steps.draft_request import draft_request
from handlers.steps.each_apart import each_apart, together_or_apart
from handlers.steps.next_page import next_page
from handlers.steps.read_feeds import read_feeds
from handlers.steps.settle_draft import settle_draft
from handlers.steps.take_forecast import take_forecasts
from handlers.steps.watch_caps import Watch, watch_caps
from storage.ledger import Ledger

JOB = "draft_requests"
EVERY = timedelta(minutes=5)


async def draft_requests(ledger: Ledger, organisation: Organisation, now: datetime) -> None:
    """Every five minutes: drafts for caps that are past their soft limit; those whose period is
    over lapse. A page of their workflows each time it is called.
    """

    async def near() -> frozenset[str]:
        await _lapse(ledger, now)
        return await ledger.drafts.near_soft_limit(now)

    keys = await next_page(ledger, JOB, slot_of(now, EVERY), near, now)
    await together_or_apart(ledger, keys, lambda some: _draft(ledger, organisation, some, now))


async def _draft(
    ledger: Ledger, organisation: Organisation, near: Iterable[str], now: datetime
) -> None:
    workflows = await ledger.workflows.find(near)
    watches = await watch_caps(ledger, organisation, workflows.values(), now)
    for about in await _past(ledger, watches.values(), now):
        if not await _told(ledger, about, now):
            await draft_request(ledger, organisation, about)


async def _told(ledger: Ledger, about: Drafting, now: datetime) -> bool:
    key = about.workflow.key
    alerts = await ledger.alerts.running([key], now)
    return is_told(about.cap, alerts, await ledger.acknowledgements.newest(key), now)


async def _past(ledger: Ledger, watches: Iterable[Watch], now: datetime) -> list[Drafting]:
    """The caps past their soft limit whose period has had no draft."""
    found = [(one, _caps(one)) for one in watches]
    keys = [one.workflow.key for one, _ in found]
    had = await ledger.drafts.running(keys, now)
    standing = ((one.workflow, [cap.state for cap in caps]) for one, caps in found)
    ahead = await take_forecasts(ledger, standing, now)

    def each() -> Iterator[Drafting]:
        for one, caps in found:
            key, zone = one.workflow.key, zone_now(one.workflow.calendars, now)
            for cap in caps:
                if (key, cap.cap.kind, cap.cap.period.start) not in had:
                    forecast = ahead[key].get(cap.cap.kind)
                    yield Drafting(one.workflow, cap, Cause.SOFT_LIMIT, forecast, zone, now)

    due = list(each())
    feeds = await read_feeds(ledger, {about.workflow.key for about in due}, now)
    return [replace(about, feeds=feeds.get(about.workflow.key, ())) for about in due]


def _caps(watch: Watch) -> list[CapWatch]:
    """None while all that the soft limit could say is snoozed."""
    workflow, snooze = watch.workflow, watch.snooze
    if snooze and snooze.threshold >= workflow.soft_limit:
        return []
    return [cap for cap in watch.caps if past_soft_limit(workflow, cap)]


async def _lapse(ledger: Ledger, now: datetime) -> None:
    async def lapse(one: Draft) -> None:
        workflow = await ledger.workflows.get(one.workflow)
        await settle_draft(ledger, settled(one, DraftState.LAPSED, None, now), workflow, now)

    await each_apart(ledger, await ledger.drafts.over(now), lapse)
