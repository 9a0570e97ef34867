from datetime import datetime

from bot.alert_acts import AlertAct, check_may_act
from bot.delegations import Acting
from bot.policy import Organisation
from bot.workflows import Workflow
from storage.ledger import Ledger


async def check_alert_act(
    ledger: Ledger, organisation: Organisation, act: AlertAct, now: datetime
) -> tuple[Workflow, Acting]:
    """The workflow, and for whom the person acts. Raises Refusal naming who may."""
    workflow = await ledger.workflows.get(act.workflow)
    team = await ledger.teams.get(workflow.team)
    return workflow, check_may_act(act.by, workflow, team, organisation, now)
