from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from bot.cards.cap_notices import Ended, override_ended
from bot.changes import BOT
from bot.freshness import Feed
from bot.notices import Urgency
from bot.override_trail import ended_overrides
from bot.overrides import Override
from bot.periods import zone_now
from bot.policy import Organisation
from bot.reach import urgency_of
from bot.workflows import Workflow
from handlers.steps.ask_outcomes import ask_outcomes
from handlers.steps.channel_of import channel_of
from handlers.steps.read_feeds import read_feeds
from handlers.steps.record_reached import record_reached
from handlers.steps.refresh_alerts import refresh_alerts
from handlers.steps.tell_person import Word, tell_person
from handlers.steps.watch_caps import Watch, watch_caps
from storage.ledger import Ledger


async def end_overrides(
    ledger: Ledger, organisation: Organisation, overrides: Iterable[Override], now: datetime
) -> None:
    """Announce those that have run out, once. The notice is the alert at the amount the cap falls
    back to: what it has reached is remembered as said.
    """
    over = [one for one in overrides if one.ended_at is None and one.end <= now]
    ended = await ledger.overrides.run_out([one.id for one in over], now) if over else frozenset()
    mine = sorted((one for one in over if one.id in ended), key=lambda one: (one.workflow, one.id))
    if not mine:
        return
    workflows = await ledger.workflows.find(one.workflow for one in mine)
    watches = await watch_caps(ledger, organisation, workflows.values(), now)
    feeds = await read_feeds(ledger, watches, now)
    for key, together in groupby(mine, key=lambda one: one.workflow):
        about = _ended(workflows[key], tuple(together), watches.get(key), feeds.get(key, ()), now)
        await _tell(ledger, organisation, about, watches.get(key), now)
        await ask_outcomes(ledger, organisation, about.workflow, about.overrides, now)
    await refresh_alerts(ledger, watches.values(), now, at_once=True)


def _ended(
    workflow: Workflow,
    overrides: tuple[Override, ...],
    watch: Watch | None,
    feeds: tuple[Feed, ...],
    now: datetime,
) -> Ended:
    kinds = {one.cap for one in overrides}
    caps = tuple(cap for cap in watch.caps if cap.cap.kind in kinds) if watch else ()
    return Ended(workflow, overrides, caps, zone_now(workflow.calendars, now), feeds)


async def _tell(
    ledger: Ledger, organisation: Organisation, ended: Ended, watch: Watch | None, now: datetime
) -> None:
    workflow, overrides = ended.workflow, ended.overrides
    key = f"override-ended:{overrides[0].id}"
    left = watch.overrides if watch else ()
    before, after = (workflow, (*left, *overrides)), (workflow, left)
    for change in ended_overrides(overrides, before, after, by=BOT, what="ended", now=now):
        await ledger.changes.add(change)
    await record_reached(ledger, workflow.key, ended.caps, key, now)
    card = override_ended(ended, mention_owner=True)
    await ledger.notices.post(key, await channel_of(ledger, workflow), card, now)
    card = override_ended(ended, mention_owner=False)
    for person in await _concerned(ledger, workflow, overrides):
        word = Word(f"{key}:{person}", person, card, _urgency(ended), ended.zone)
        await tell_person(ledger, organisation, word, now)


def _urgency(ended: Ended) -> Urgency:
    """Where the cap falls back to less than is spent, this is its alert."""
    reached = [max(cap.reached) for cap in ended.caps if cap.reached]
    return urgency_of(reached, ended.workflow) if reached else Urgency.NORMAL


async def _concerned(
    ledger: Ledger, workflow: Workflow, overrides: tuple[Override, ...]
) -> list[str]:
    """The owner and those who asked, each once."""
    asked = await ledger.overrides.requesters(overrides)
    return list(dict.fromkeys(one for one in (workflow.owner, *asked) if one))
