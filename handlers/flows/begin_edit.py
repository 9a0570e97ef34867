from datetime import datetime

from bot.people import check_may_edit
from bot.policy import Organisation
from bot.workflows import NotThatWay, Status, Workflow
from handlers.steps.find_workflow import find_workflow
from storage.ledger import Ledger


async def begin_edit(
    words: str, *, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> Workflow:
    """The workflow to edit. Raises Refusal before anything is typed in vain."""
    workflow = await find_workflow(ledger, words, by=by, verb="edit")
    team = await ledger.teams.get(workflow.team)
    check_may_edit(by, workflow, team, organisation, now)
    if workflow.status is Status.RETIRED:
        raise NotThatWay(f"`{workflow.key}` is retired; its contract is closed.")
    return workflow
