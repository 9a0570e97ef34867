"""The end of alerts: nothing is left to do about them, and their messages say so."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.acknowledgements import Standing
from bot.alerts import AlertedPeriod
from bot.cards.alert_ends import over, period_over, snooze_stopped, stopped
from bot.workflows import Workflow
from handlers.steps.acknowledge import stop_asking
from handlers.steps.end_snooze import snooze_reply
from storage.ledger import Ledger


async def close_alerts(ledger: Ledger, stopped_one: Workflow, by: str, now: datetime) -> None:
    """A workflow was retired or has ended: its snooze, its clock and its alerts end with it."""
    key = stopped_one.key
    snooze = (await ledger.snoozes.running([key])).get(key)
    if snooze is not None and await ledger.snoozes.end(snooze.id, by, now):
        card = snooze_stopped(stopped_one, snooze)
        await ledger.notices.update(snooze_reply(snooze.id), card, now)
    newest = await ledger.acknowledgements.newest(key)
    while waiting := await ledger.acknowledgements.waiting(key):
        if await stop_asking(ledger, replace(waiting, standing=Standing.OVER)):
            break
    alerts = [one.notice for one in await ledger.alerts.running([key], now)]
    notices = (*alerts, *(newest.notices if newest else ()))
    await _close(ledger, notices, stopped(stopped_one), now, explain=False)


async def close_periods(
    ledger: Ledger, workflow: str, ended: tuple[AlertedPeriod, ...], now: datetime
) -> None:
    """The messages about nothing but periods that are over keep one button: *Explain…*."""
    alerts = await ledger.alerts.of_periods(workflow, [one.period for one in ended])
    running = {one.notice for one in await ledger.alerts.running([workflow], now)}
    notices = [one.notice for one in alerts if one.notice not in running]
    await _close(ledger, notices, period_over(ended), now, explain=True)


async def _close(
    ledger: Ledger, notices: Iterable[str], why: str, now: datetime, *, explain: bool
) -> None:
    copies = (copy for key in notices for copy in (key, f"{key}:dm", f"{key}:dm:backup"))
    for key in dict.fromkeys(copies):
        card = await ledger.notices.shown(key) or await ledger.held_words.card(key)
        if card is None:
            continue
        closed = over(card, why, explain=explain)
        if closed != card:
            await ledger.notices.update(key, closed, now)
