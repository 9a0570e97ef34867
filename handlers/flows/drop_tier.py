from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from bot.alert_acts import AlertAct
from bot.cards import alert_acts as cards
from bot.delegations import Acting
from bot.periods import zone_now
from bot.policy import Organisation
from bot.tier_drops import CannotUndo, NoTierToDrop, TierDrop, check_undo, one_down
from bot.workflows import Tier, Workflow
from handlers.steps.acknowledge import acknowledge
from handlers.steps.check_alert_act import check_alert_act
from handlers.steps.reply_to_alert import reply_to_alert
from handlers.steps.restate_alerts import restate_alerts
from handlers.steps.save_workflow import save_workflow
from storage.ledger import Ledger


async def drop_tier(
    act: AlertAct, shown: Tier, ledger: Ledger, organisation: Organisation, now: datetime
) -> TierDrop:
    """Lower the default tier by one from the one that was `shown`. Raises Refusal: who may, that
    there is none below, or who was first.
    """
    workflow, actor = await check_alert_act(ledger, organisation, act, now)
    if workflow.tier is not shown:
        raise await _changed(ledger, workflow)
    drop = _drop(workflow, actor, now)
    lower = replace(workflow, tier=drop.becomes)
    saved = await save_workflow(
        ledger, workflow, lower, by=act.by, what="dropped the model tier", now=now
    )
    await ledger.tier_drops.add(drop)
    card = cards.dropped(saved, drop, zone_now(saved.calendars, now))
    await reply_to_alert(ledger, saved, act.notice, (drop.notice, card), now)
    await acknowledge(ledger, saved.key, actor, f"dropped the tier to {drop.becomes}", now)
    await restate_alerts(ledger, saved, now, [act.notice])
    return drop


def _drop(workflow: Workflow, actor: Acting, now: datetime) -> TierDrop:
    key, lower = uuid4().hex[:12], one_down(workflow)
    by, stead = actor.person, actor.instead_of
    return TierDrop(key, workflow.key, workflow.tier, lower, by, now, f"tier-drop:{key}", stead)


async def _changed(ledger: Ledger, workflow: Workflow) -> NoTierToDrop:
    """Who was first, as far as the audit trail goes back."""
    known = await ledger.changes.of(workflow.key)
    last = next((one for one in known if "tier" in one.after), None)
    who = f" {cards.speaker(last.actor, None)} changed it." if last else ""
    return NoTierToDrop(
        f"`{workflow.key}` runs on the {workflow.tier} tier by now.{who} "
        f"`/budget edit {workflow.key}` changes it."
    )


async def undo_drop(
    drop: str, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> TierDrop:
    """The tier as it was, for a day, while nobody has changed it since. Raises Refusal."""
    found = await ledger.tier_drops.get(drop)
    act = AlertAct(found.workflow, found.notice, by)
    workflow, _ = await check_alert_act(ledger, organisation, act, now)
    check_undo(found, workflow, now)
    if not await ledger.tier_drops.undo(drop, by, now):
        raise CannotUndo("Somebody has undone it just now.")
    before = replace(workflow, tier=found.was)
    saved = await save_workflow(
        ledger, workflow, before, by=by, what="undid the dropped model tier", now=now
    )
    undone = await ledger.tier_drops.get(drop)
    await ledger.notices.update(found.notice, cards.undone(saved, undone), now)
    await restate_alerts(ledger, saved, now)
    return undone
