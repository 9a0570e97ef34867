from datetime import datetime

from bot.alert_acts import AlertAct, check_explains
from bot.cards.alert_acts import explained
from bot.changes import Change
from bot.explanations import Explanation, read_explanation
from bot.policy import Organisation
from handlers.steps.acknowledge import acknowledge
from handlers.steps.check_alert_act import check_alert_act
from handlers.steps.reply_to_alert import reply_to_alert
from handlers.steps.restate_alerts import restate_alerts
from storage.ledger import Ledger


async def explain_spend(
    explanation: str,
    act: AlertAct,
    text: str | None,
    ledger: Ledger,
    organisation: Organisation,
    now: datetime,
) -> Explanation:
    """Keep what somebody says of an alert, for its thread and the weekly review; once under this
    id, however often the form is sent. Raises Refusal.
    """
    workflow, actor = await check_alert_act(ledger, organisation, act, now)
    check_explains(workflow)
    written = read_explanation(text)
    by, stead = actor.person, actor.instead_of
    given = Explanation(explanation, workflow.key, by, now, written, act.notice, stead)
    if not await ledger.explanations.add(given):
        return given
    await ledger.changes.add(
        Change(now, actor.person, workflow.key, "explained an alert", reason=written)
    )
    reply = (f"explanation:{explanation}", explained(given))
    await reply_to_alert(ledger, workflow, act.notice, reply, now)
    await acknowledge(ledger, workflow.key, actor, "explained it", now)
    await restate_alerts(ledger, workflow, now, [act.notice])
    return given
