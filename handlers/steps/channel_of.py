from bot.workflows import Workflow
from storage.ledger import Ledger


async def channel_of(ledger: Ledger, workflow: Workflow) -> str:
    """Its own, else its team's."""
    return workflow.channel or (await ledger.teams.get(workflow.team)).channel
