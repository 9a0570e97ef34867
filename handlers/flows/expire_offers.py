from datetime import datetime

from bot.policy import Organisation
from handlers.steps.end_reassignment import close_reassignment
from storage.ledger import Ledger


async def expire_offers(ledger: Ledger, organisation: Organisation, now: datetime) -> None:
    """End the offers of a workflow that have run out, once; one question when there are none."""
    for offer in await ledger.reassignments.due(now):
        workflow = await ledger.workflows.get(offer.workflow)
        await close_reassignment(ledger, organisation, workflow, now)
