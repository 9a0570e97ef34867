from bot.requests import Standing
from storage.ledger import Ledger


async def request_standing(ledger: Ledger, workflow: str) -> Standing:
    """What a request for this workflow is judged against. Raises Unknown."""
    found = await ledger.workflows.get(workflow)
    return Standing(
        workflow=found,
        team=await ledger.teams.get(found.team),
        overrides=await ledger.overrides.of(workflow),
        waiting=await ledger.requests.waiting(workflow),
        raised=await ledger.requests.raised(workflow),
        proven=await ledger.proven.of(workflow),
    )
