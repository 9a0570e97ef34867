from datetime import datetime

from bot.policy import Organisation
from bot.reassignments import check_may_reassign, check_not_retired
from bot.workflows import Workflow
from handlers.steps.find_workflow import find_workflow
from storage.ledger import Ledger


async def begin_offer(
    words: str, *, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> Workflow:
    """The workflow somebody wants to hand over. Raises Refusal: which one, or who may."""
    workflow = await find_workflow(ledger, words, by=by, verb="reassign")
    team = await ledger.teams.get(workflow.team)
    check_may_reassign(by, workflow, team, organisation, now)
    check_not_retired(workflow)
    return workflow
