from datetime import datetime, timedelta
from itertools import groupby

from bot.alerts import AlertedPeriod
from bot.cards.cap_notices import Turned, reset
from bot.freshness import Feed
from bot.periods import zone_now
from bot.policy import Organisation
from handlers.steps.channel_of import channel_of
from handlers.steps.close_alerts import close_periods
from handlers.steps.each_apart import each_apart
from handlers.steps.read_feeds import read_feeds
from handlers.steps.refresh_alerts import as_closed, rewrite
from handlers.steps.watch_caps import Watch, watch_caps
from storage.ledger import Ledger

# Later than this, that a cap has started again is no news.
CATCH_UP = timedelta(days=1)


async def reset_periods(ledger: Ledger, organisation: Organisation, now: datetime) -> None:
    """Say that caps with an alert in the period that ended have started again: one notice a
    workflow where several turn at once.
    """
    ended = await ledger.alerts.ended(now - CATCH_UP, now)
    if not ended:
        return
    feeds = await read_feeds(ledger, {one.workflow for one in ended}, now)

    async def turn(together: tuple[AlertedPeriod, ...]) -> None:
        workflow = await ledger.workflows.get(together[0].workflow)
        watches = await watch_caps(ledger, organisation, [workflow], now)
        await _close(ledger, watches.get(workflow.key, Watch(workflow, (), ())), together, now)
        for watch in watches.values():
            await _tell(ledger, watch, together, feeds.get(workflow.key, ()), now)

    turns = [tuple(group) for _, group in groupby(sorted(ended, key=_turn), key=_turn)]
    await each_apart(ledger, turns, turn)
    await ledger.alerts.reset_told(now - CATCH_UP, now)


async def _close(
    ledger: Ledger, watch: Watch, ended: tuple[AlertedPeriod, ...], now: datetime
) -> None:
    """The first messages show what the periods came to; no message asks for anything any more."""
    for notice in dict.fromkeys(one.notice for one in ended):
        if notice is not None:
            await rewrite(ledger, watch, notice, now)
    await close_periods(ledger, watch.workflow.key, ended, now)


def _turn(ended: AlertedPeriod) -> tuple[str, datetime]:
    return ended.workflow, ended.period.end


async def _tell(
    ledger: Ledger,
    watch: Watch,
    ended: tuple[AlertedPeriod, ...],
    feeds: tuple[Feed, ...],
    now: datetime,
) -> None:
    kinds = {one.period.kind for one in ended}
    caps = tuple(cap for cap in watch.caps if cap.cap.kind in kinds)
    if not caps:
        return
    workflow = watch.workflow
    channel = await channel_of(ledger, workflow)
    closed = tuple([await as_closed(ledger, one) for one in ended])
    card = reset(Turned(workflow, closed, caps, zone_now(workflow.calendars, now), feeds))
    turned = int(ended[0].period.end.timestamp())
    await ledger.notices.post(f"reset:{workflow.key}:{turned}", channel, card, now)
