from dataclasses import replace
from datetime import datetime

from bot.acknowledgements import Acknowledgement, Standing, still_asks
from bot.cards.alert_acts import woken
from bot.policy import Organisation
from bot.snoozes import Snooze
from bot.workflows import Workflow
from handlers.steps.acknowledge import stop_asking
from handlers.steps.raise_alerts import raise_alerts
from handlers.steps.restate_alerts import restate_alerts
from handlers.steps.watch_caps import watch_caps
from storage.ledger import Ledger


async def end_snooze(
    ledger: Ledger, organisation: Organisation, snooze: Snooze, by: str | None, now: datetime
) -> bool:
    """End it, by a person or (None) by its time, and say what was kept back and still holds; False
    when it had ended before.
    """
    if not await ledger.snoozes.end(snooze.id, by, now):
        return False
    workflow = await ledger.workflows.get(snooze.workflow)
    ended = replace(snooze, ended_at=now, ended_by=by)
    await ledger.notices.update(snooze_reply(snooze.id), woken(workflow, ended), now)
    await raise_alerts(ledger, organisation, [workflow.key], now)
    await _go_on_asking(ledger, organisation, workflow, now)
    await restate_alerts(ledger, workflow, now, [snooze.notice])
    return True


def snooze_reply(snooze: str) -> str:
    """The outbox key of the reply that says it."""
    return f"snooze:{snooze}"


async def _go_on_asking(
    ledger: Ledger, organisation: Organisation, workflow: Workflow, now: datetime
) -> None:
    """The clock that stood still begins anew, where something still asks."""
    waiting = await ledger.acknowledgements.waiting(workflow.key)
    if waiting is None or waiting.paused_until is None:
        return
    watch = (await watch_caps(ledger, organisation, [workflow], now)).get(workflow.key)
    holds = watch is not None and still_asks(workflow, watch.caps)
    looked_at = await ledger.acknowledgements.newest_change(workflow.key)
    waiting = replace(waiting, last_change=looked_at)
    if holds:
        await ledger.acknowledgements.save(_anew(waiting, now))
    else:
        await stop_asking(ledger, _over(waiting))


def _anew(waiting: Acknowledgement, now: datetime) -> Acknowledgement:
    """Who was told stays told."""
    return replace(waiting, asked_at=now, paused_until=None)


def _over(waiting: Acknowledgement) -> Acknowledgement:
    return replace(waiting, standing=Standing.OVER)
