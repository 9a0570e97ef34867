from datetime import datetime

from bot.policy import Organisation
from bot.reassignments import Reassignment
from handlers.steps.each_apart import each_apart
from handlers.steps.end_reassignment import close_reassignment
from storage.ledger import Ledger


async def expire_offers(ledger: Ledger, organisation: Organisation, now: datetime) -> None:
    """End the offers of a workflow that have run out, once; one question when there are none."""

    async def expire(offer: Reassignment) -> None:
        workflow = await ledger.workflows.get(offer.workflow)
        await close_reassignment(ledger, organisation, workflow, now)

    await each_apart(ledger, await ledger.reassignments.due(now), expire)
