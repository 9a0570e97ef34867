from dataclasses import replace
from datetime import datetime

from bot.alert_acts import AlertAct
from bot.cards import alert_acts as cards
from bot.cards.kit import said
from bot.changes import Change
from bot.periods import zone_now
from bot.policy import Organisation
from bot.snoozes import (
    Snooze,
    SnoozedAlready,
    Wanted,
    check_not_snoozed,
    check_snoozable,
    level,
    snoozed,
)
from bot.workflows import Workflow
from handlers.steps.check_alert_act import check_alert_act
from handlers.steps.end_snooze import end_snooze, snooze_reply
from handlers.steps.reply_to_alert import reply_to_alert
from handlers.steps.restate_alerts import restate_alerts
from handlers.steps.watch_caps import watch_caps
from storage.ledger import Ledger


async def check_snooze(
    act: AlertAct, ledger: Ledger, organisation: Organisation, now: datetime
) -> tuple[Workflow, int]:
    """The workflow, and the threshold up to which it would be silent. Raises Refusal: who may, or
    that there is nothing to keep back.
    """
    workflow, _ = await check_alert_act(ledger, organisation, act, now)
    watch = (await watch_caps(ledger, organisation, [workflow], now)).get(workflow.key)
    caps = watch.caps if watch else ()
    check_snoozable(workflow, caps)
    running = (await ledger.snoozes.running([workflow.key])).get(workflow.key)
    if running is not None and running.in_force(now):
        until = said(running.until, zone_now(workflow.calendars, now))
        check_not_snoozed(running, level(caps), until)
    return workflow, level(caps)


async def snooze_alerts(
    act: AlertAct, wanted: Wanted, ledger: Ledger, organisation: Organisation, now: datetime
) -> Snooze:
    """Keep the alerts of a workflow back; once, however often the form is sent. Raises Refusal."""
    sent = await ledger.snoozes.find(wanted.id)
    if sent is not None and sent.by == act.by:
        return sent
    workflow, actor = await check_alert_act(ledger, organisation, act, now)
    _, threshold = await check_snooze(act, ledger, organisation, now)
    await _end_former(ledger, organisation, act, now)
    snooze = snoozed(wanted, workflow, actor, threshold, now)
    if not await ledger.snoozes.begin(snooze):
        raise SnoozedAlready("Somebody snoozed it just now; the alert says until when.")
    await _tell(ledger, workflow, snooze, now)
    return snooze


async def _end_former(
    ledger: Ledger, organisation: Organisation, act: AlertAct, now: datetime
) -> None:
    """One that is over and not told, or one that something worse broke through."""
    former = (await ledger.snoozes.running([act.workflow])).get(act.workflow)
    if former is None:
        return
    if former.in_force(now):
        await ledger.snoozes.end(former.id, act.by, now)
        workflow = await ledger.workflows.get(act.workflow)
        ended = replace(former, ended_at=now, ended_by=act.by)
        await ledger.notices.update(snooze_reply(former.id), cards.woken(workflow, ended), now)
    else:
        await end_snooze(ledger, organisation, former, None, now)


async def _tell(ledger: Ledger, workflow: Workflow, snooze: Snooze, now: datetime) -> None:
    """The audit entry, the reply, the clock that stands still, the messages as they are now."""
    what = f"snoozed alerts up to {snooze.threshold} %"
    after = {"snoozed until": snooze.until.isoformat()}
    await ledger.changes.add(Change(now, snooze.by, workflow.key, what, {}, after))
    card = cards.snoozed(workflow, snooze, snooze.notice, zone_now(workflow.calendars, now))
    await reply_to_alert(ledger, workflow, snooze.notice, (snooze_reply(snooze.id), card), now)
    await _pause(ledger, snooze)
    await restate_alerts(ledger, workflow, now, [snooze.notice])


async def _pause(ledger: Ledger, snooze: Snooze) -> None:
    looked_at = await ledger.acknowledgements.newest_change(snooze.workflow)
    while waiting := await ledger.acknowledgements.waiting(snooze.workflow):
        still = replace(waiting, paused_until=snooze.until, last_change=looked_at)
        if await ledger.acknowledgements.save(still):
            return
