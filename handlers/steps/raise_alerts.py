from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.acknowledgements import Standing, still_asks
from bot.alerts import (
    AlertedPeriod,
    CapWatch,
    Quiet,
    alerts_of,
    notice_key,
    quiet,
    stopped,
)
from bot.cards import alerts as cards
from bot.cards.alerts import Report
from bot.falls import Fall
from bot.notices import Card
from bot.people import answerable
from bot.periods import FOREVER, Period
from bot.policy import Organisation
from bot.reach import urgency_of
from bot.workflows import Workflow
from handlers.steps.acknowledge import stop_asking
from handlers.steps.ask_to_look import ask_to_look
from handlers.steps.channel_of import channel_of
from handlers.steps.end_overrides import end_overrides
from handlers.steps.overtake_forewarnings import overtake_forewarnings
from handlers.steps.refresh_alerts import copy_for, refresh_alerts, report_on, rewrite
from handlers.steps.restate_alerts import restate_alerts
from handlers.steps.tell_person import Word, tell_instead, tell_person
from handlers.steps.tell_spent_while_stopped import tell_spent_while_stopped
from handlers.steps.watch_caps import Watch, watch_caps
from storage.ledger import Ledger


async def raise_alerts(
    ledger: Ledger,
    organisation: Organisation,
    workflows: Iterable[str],
    now: datetime,
    why: Mapping[str, Fall] | None = None,
) -> dict[str, Quiet]:
    """Announce what these workflows have newly crossed, and say up to where each stays quiet.
    `why`: what may have made the spend of a workflow fall.

    May be called as often as one likes: what was said is not said again. Workflows that do not
    exist are left out.
    """
    keys = frozenset(workflows)
    running = await ledger.overrides.running(keys)
    await end_overrides(ledger, organisation, running, now)
    known = await ledger.workflows.find(keys)
    watches = await watch_caps(ledger, organisation, known.values(), now)
    said = {
        key: await _announce(ledger, organisation, watch, now) for key, watch in watches.items()
    }
    shown = [one for one in said.values() if any(cap.said for cap in one.caps)]
    if shown:
        fallen = [one for one in shown if not still_asks(one.workflow, one.caps)]
        over = [one.workflow for one in fallen if await _stop_asking(ledger, one)]
        await refresh_alerts(ledger, shown, now, why=why)
        for workflow in over:
            await restate_alerts(ledger, workflow, now)
    idle_ones = filter(stopped, known.values())
    idle = await tell_spent_while_stopped(ledger, organisation, idle_ones, now)
    nothing = {key: Quiet({}, FOREVER) for key in known}
    return nothing | idle | {key: _quiet(one, now) for key, one in said.items()}


async def _stop_asking(ledger: Ledger, watch: Watch) -> bool:
    """Nobody has to act any more: the spend was corrected, or attributed anew."""
    while waiting := await ledger.acknowledgements.waiting(watch.workflow.key):
        if await stop_asking(ledger, replace(waiting, standing=Standing.OVER)):
            return True
    return False


def _quiet(watch: Watch, now: datetime) -> Quiet:
    until = watch.snooze.until if watch.snooze else FOREVER
    return quiet(watch.caps, watch.overrides, now, until)


async def _announce(
    ledger: Ledger, organisation: Organisation, watch: Watch, now: datetime
) -> Watch:
    """The watch with its news said. The rows come first: who cannot add them says nothing."""
    news = [cap for cap in watch.caps if cap.news]
    if not news:
        return watch
    lead = max(news, key=lambda cap: cap.news[-1])
    key = notice_key(watch.workflow.key, lead, lead.news[-1])
    rows = [a for cap in news for a in alerts_of(watch.workflow.key, cap, cap.news, key, now)]
    if await ledger.alerts.add(rows):
        await _say(ledger, organisation, watch, news, key, now)
        return replace(watch, caps=tuple(_as_said(cap) for cap in watch.caps))
    # Another process was first with one of them. Whatever it left is still to be said.
    again = await watch_caps(ledger, organisation, [watch.workflow], now)
    return await _announce(ledger, organisation, again[watch.workflow.key], now)


def _as_said(cap: CapWatch) -> CapWatch:
    return replace(cap, said=cap.said | frozenset(cap.news))


async def _say(
    ledger: Ledger,
    organisation: Organisation,
    watch: Watch,
    news: list[CapWatch],
    key: str,
    now: datetime,
) -> None:
    """One message for all of it: under the first message of the period, where each cap has one."""
    workflow = watch.workflow
    channel = await channel_of(ledger, workflow)
    first = await _first_messages(ledger, workflow.key, channel, now)
    fresh = [cap for cap in news if cap.cap.period not in first]
    parents = [first[cap.cap.period] for cap in news if cap.cap.period in first]
    under = None if fresh else parents[0]
    await ask_to_look(ledger, organisation, watch, (key, under or key), now)
    report = await report_on(ledger, workflow, news, now, key)
    await ledger.notices.post(key, channel, cards.for_channel(report), now, under=under)
    await _tell_people(ledger, organisation, report, () if fresh else parents, now)
    await overtake_forewarnings(ledger, workflow.key, news, now)
    for cap in fresh:
        await ledger.alerts.show(_shown(workflow, cap, key, channel, now))
    for parent in dict.fromkeys(parents):
        await rewrite(ledger, watch, parent, now)


async def _tell_people(
    ledger: Ledger,
    organisation: Organisation,
    report: Report,
    parents: Sequence[str],
    now: datetime,
) -> None:
    """The owner, or whoever stands there for them, as soon as what is news allows. Whoever has not
    been sent what a message above it said is told in its place.
    """
    workflow = report.workflow
    urgency = urgency_of((cap.news[-1] for cap in report.caps), workflow)
    for person in answerable(workflow, organisation, now):
        *above, word = (
            Word(*_addressed(replace(report, notice=notice), person), urgency, report.zone)
            for notice in (*dict.fromkeys(parents), report.notice)
        )
        if not await _is_told(ledger, organisation, above, now):
            await tell_person(ledger, organisation, word, now)


async def _is_told(
    ledger: Ledger, organisation: Organisation, above: Iterable[Word], now: datetime
) -> bool:
    for word in above:
        if await tell_instead(ledger, organisation, word, now):
            return True
    return False


def _addressed(report: Report, person: str) -> tuple[str, str, Card]:
    key, card = copy_for(report, person)
    return key, person, card


async def _first_messages(
    ledger: Ledger, workflow: str, channel: str, now: datetime
) -> dict[Period, str]:
    """By period, those that stand in this channel: a thread cannot follow a moved workflow."""
    shown = await ledger.alerts.alerted(now, [workflow])
    return {one.period: one.notice for one in shown if one.notice and one.channel == channel}


def _shown(
    workflow: Workflow, cap: CapWatch, notice: str, channel: str, now: datetime
) -> AlertedPeriod:
    return AlertedPeriod(
        workflow.key, cap.cap.period, notice, channel, cap.holds.cost, cap.cap.amount, now
    )
