from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from bot.alerts import AlertedPeriod, CapWatch, belied, fell, most_urgent_first, outdated
from bot.cards.alerts import Report, for_backup, for_channel, for_owner
from bot.changes import BOT, Change
from bot.falls import FELL, Fall
from bot.notices import Card
from bot.people import answerable
from bot.periods import Period, zone_now
from bot.tiers import tier_of
from bot.workflows import Workflow
from handlers.steps.feeds_of import feeds_of
from handlers.steps.read_follow import read_follow
from handlers.steps.take_forecast import take_forecasts
from handlers.steps.watch_caps import Watch
from storage.ledger import Ledger


async def report_on(
    ledger: Ledger, workflow: Workflow, caps: Iterable[CapWatch], now: datetime, notice: str
) -> Report:
    """What the message `notice` about these caps says, the most urgent first."""
    ordered = most_urgent_first(caps)
    model = await _dearest_model(ledger, workflow, ordered)
    states = [watch.state for watch in ordered]
    ahead = (await take_forecasts(ledger, [(workflow, states)], now))[workflow.key]
    zone = zone_now(workflow.calendars, now)
    follow = await read_follow(ledger, workflow, now, notice)
    feeds = await feeds_of(ledger, workflow, now)
    said = Report(workflow, ordered, zone, now, model, notice=notice, feeds=feeds)
    if model is not None:
        said = replace(said, tier=tier_of(model[0], (await ledger.organisation.get()).tiers, now))
    return replace(said, forecasts=ahead, follow=follow, fall=await _why_fallen(ledger, said))


async def _why_fallen(ledger: Ledger, report: Report) -> str:
    if all(watch.corrected_from is None for watch in report.caps):
        return Fall.UNKNOWN
    noted = await ledger.changes.newest(report.workflow.key, FELL)
    return noted.reason if noted else Fall.UNKNOWN


async def refresh_alerts(
    ledger: Ledger,
    watches: Iterable[Watch],
    now: datetime,
    *,
    at_once: bool = False,
    why: Mapping[str, Fall] | None = None,
) -> None:
    """Bring first messages of running periods up to date where they are wrong by a per cent of
    the cap, each at most every 15 minutes. Those whose words have become false, and with `at_once`
    those whose cap changed, do not wait. `why`: what has made the spend of a workflow fall, if so.
    """
    known = {one.workflow.key: one for one in watches}
    shown = await ledger.alerts.alerted(now, known)
    for key in sorted({one.workflow for one in shown if _has_fallen(one, known[one.workflow])}):
        cause = (why or {}).get(key, Fall.UNKNOWN)
        await ledger.changes.add(Change(now, BOT, key, FELL, reason=cause.value))
    due = {
        (one.workflow, one.notice)
        for one in shown
        if one.notice and _is_due(one, known[one.workflow], now, at_once=at_once)
    }
    for workflow, notice in sorted(due):
        await rewrite(ledger, known[workflow], notice, now)


def _is_due(shown: AlertedPeriod, watch: Watch, now: datetime, *, at_once: bool) -> bool:
    cap = _cap_of(watch, shown.period)
    if cap is None:
        return False
    return belied(shown, cap) or outdated(shown, cap.state, now, at_once=at_once)


def _has_fallen(shown: AlertedPeriod, watch: Watch) -> bool:
    cap = _cap_of(watch, shown.period)
    return shown.notice is not None and cap is not None and fell(shown, cap)


async def rewrite(ledger: Ledger, watch: Watch, notice: str, now: datetime) -> None:
    """Let a first message, and what people were told of it, show what its caps hold now."""
    about = await ledger.alerts.shown_by([notice])
    caps = [cap for one in about if (cap := _cap_of(watch, one.period))]
    report = await report_on(ledger, watch.workflow, caps, now, notice)
    closed = [await as_closed(ledger, one) for one in about if one.period.end <= now]
    report = replace(report, closed=tuple(closed))
    await ledger.notices.update(notice, for_channel(report), now)
    await _rewrite_copies(ledger, report, now)
    for one in about:
        if cap := _cap_of(watch, one.period):
            await ledger.alerts.show(
                replace(one, spent=cap.holds.cost, amount=cap.cap.amount, at=now)
            )


async def _rewrite_copies(ledger: Ledger, report: Report, now: datetime) -> None:
    """Of those who answer for the workflow today. What left together with other words stays."""
    for person in answerable(report.workflow, await ledger.organisation.get(), now):
        key, card = copy_for(report, person)
        if person == await ledger.notices.told(key) or await ledger.held_words.waits(key, person):
            await ledger.notices.update(key, card, now)


def copy_for(report: Report, person: str) -> tuple[str, Card]:
    """The key and the words of what one of them is told."""
    if person == report.workflow.owner:
        return f"{report.notice}:dm", for_owner(report)
    return f"{report.notice}:dm:backup", for_backup(report)


async def as_closed(ledger: Ledger, shown: AlertedPeriod) -> AlertedPeriod:
    """With what its period came to."""
    held = await ledger.spend.of(shown.workflow, shown.period)
    return replace(shown, spent=held.cost, last_at=held.last_at)


async def _dearest_model(
    ledger: Ledger, workflow: Workflow, caps: tuple[CapWatch, ...]
) -> tuple[str, Decimal] | None:
    for first in caps[:1]:
        models = await ledger.spend.by_model(workflow.key, first.cap.period)
        return models[0] if models else None
    return None


def _cap_of(watch: Watch, period: Period) -> CapWatch | None:
    return next(
        (
            cap
            for cap in watch.caps
            if cap.cap.kind is period.kind and cap.cap.period.start == period.start
        ),
        None,
    )
