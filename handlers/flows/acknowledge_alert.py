from datetime import datetime

from bot.acknowledgements import Acknowledgement, NothingWaits, Standing
from bot.alert_acts import AlertAct, check_may_see
from bot.cards.alert_acts import acted
from bot.cards.kit import said
from bot.changes import Change
from bot.periods import zone_now
from bot.policy import Organisation
from bot.workflows import Workflow
from handlers.steps.acknowledge import acknowledge
from handlers.steps.restate_alerts import restate_alerts
from storage.ledger import Ledger


async def acknowledge_alert(
    act: AlertAct, ledger: Ledger, organisation: Organisation, now: datetime
) -> Acknowledgement:
    """Somebody has seen it: nobody else is asked. Raises Refusal: who may, or who was first."""
    workflow = await ledger.workflows.get(act.workflow)
    team = await ledger.teams.get(workflow.team)
    newest = await ledger.acknowledgements.newest(act.workflow)
    told = newest.told if newest else ()
    actor = check_may_see(act.by, told, workflow, team, organisation, now)
    if newest is None or act.notice not in newest.notices:
        raise NothingWaits("This is an earlier alert: it waits for nobody any more.")
    seen = await acknowledge(ledger, workflow.key, actor, "has seen it", now)
    if seen is None:
        raise await _too_late(ledger, workflow, now)
    await ledger.changes.add(Change(now, act.by, workflow.key, "has seen the alert"))
    await restate_alerts(ledger, workflow, now, [act.notice])
    return seen


async def _too_late(ledger: Ledger, workflow: Workflow, now: datetime) -> NothingWaits:
    newest = await ledger.acknowledgements.newest(workflow.key)
    if newest is None or newest.standing is not Standing.SEEN or newest.seen_at is None:
        return NothingWaits("This alert waits for nobody any more.")
    at = said(newest.seen_at, zone_now(workflow.calendars, now))
    return NothingWaits(f"{acted(newest)} already, {at}: nobody else is asked.")
