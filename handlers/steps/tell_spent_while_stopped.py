from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.alerts import Quiet, after_stop, quiet_while_stopped, spent_while_stopped
from bot.caps import running_period
from bot.cards.cap_notices import Stopped, spent_although_stopped
from bot.periods import CapKind, Period, zone_now
from bot.policy import Organisation
from bot.spend import Spent
from bot.workflows import Status, Workflow
from handlers.steps.alarm_spent_after_retirement import alarm_spent_after_retirement
from handlers.steps.channel_of import channel_of
from handlers.steps.feeds_of import feeds_of
from handlers.steps.tell_person import Word, tell_person
from storage.ledger import Ledger


async def tell_spent_while_stopped(
    ledger: Ledger, organisation: Organisation, workflows: Iterable[Workflow], now: datetime
) -> dict[str, Quiet]:
    """One notice a week for each that is paused, retired or ended and spends all the same; for a
    retired one an alarm a day besides.
    """
    weeks = [(one, running_period(one, CapKind.WEEKLY, now)) for one in workflows]
    if not weeks:
        return {}
    totals = await ledger.spend.in_periods((one.key, week) for one, week in weeks)
    found = {}
    for workflow, week in weeks:
        holds = totals.get((workflow.key, CapKind.WEEKLY), Spent())
        told = spent_while_stopped(workflow, holds)
        if told:
            await _tell(ledger, organisation, (workflow, week), holds, now)
        found[workflow.key] = quiet_while_stopped(week, told=told)
        if workflow.status is Status.RETIRED:
            await alarm_spent_after_retirement(ledger, organisation, workflow, now)
            found[workflow.key] = _until_tomorrow(found[workflow.key], workflow, now)
    return found


def _until_tomorrow(quiet: Quiet, workflow: Workflow, now: datetime) -> Quiet:
    """Tomorrow it is worth an alarm again."""
    day = running_period(workflow, CapKind.DAILY, now)
    return replace(quiet, until=min(quiet.until, day.end))


async def _tell(
    ledger: Ledger,
    organisation: Organisation,
    about: tuple[Workflow, Period],
    holds: Spent,
    now: datetime,
) -> None:
    workflow, week = about
    key = f"spent-while-{workflow.status}:{workflow.key}:{int(week.start.timestamp())}"
    if await ledger.notices.card(key) is not None:
        return
    since = max(workflow.status_since or week.start, week.start)
    amount = await ledger.spend.between(workflow.key, after_stop(workflow, week), week.end)
    zone = zone_now(workflow.calendars, now)
    feeds = await feeds_of(ledger, workflow, now)
    stopped = Stopped(workflow, since, amount, holds.last_at, zone, feeds)
    channel = await channel_of(ledger, workflow)
    card = spent_although_stopped(stopped, for_owner=False)
    posted = await ledger.notices.post(key, channel, card, now)
    if posted and workflow.owner and workflow.status is not Status.RETIRED:
        card = spent_although_stopped(stopped, for_owner=True)
        word = Word(f"{key}:dm", workflow.owner, card, zone=zone)
        await tell_person(ledger, organisation, word, now)
