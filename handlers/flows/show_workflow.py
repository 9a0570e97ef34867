from datetime import datetime

from bot.cards import workflows as cards
from bot.notices import Card
from bot.people import may_activate, may_edit
from bot.policy import Organisation
from handlers.steps.find_workflow import find_workflow
from handlers.steps.read_exceptions import read_exceptions
from handlers.steps.read_reviewed import read_reviewed
from handlers.steps.read_under_way import read_under_way
from storage.ledger import Ledger


async def show_workflow(
    words: str, *, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> Card:
    """The whole contract, for anybody. Raises Refusal when it is not clear which."""
    workflow = await find_workflow(ledger, words, by=by, verb="show")
    team = await ledger.teams.get(workflow.team)
    verbs = cards.offered(
        workflow,
        edits=may_edit(by, workflow, team, organisation, now),
        decides=may_activate(by, workflow, team, organisation, now),
    )
    under_way = await read_under_way(ledger, workflow, now)
    reviewed = await read_reviewed(ledger, workflow, now)
    notes = (*under_way, *await read_exceptions(ledger, workflow, now), *reviewed)
    return cards.contract(workflow, team, organisation, now, may=verbs, notes=notes)
