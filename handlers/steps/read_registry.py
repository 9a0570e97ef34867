from bot.plan import Registry
from bot.policy import Organisation
from storage.ledger import Ledger


async def read_registry(ledger: Ledger, organisation: Organisation) -> Registry:
    return Registry(
        organisation,
        {team.key: team for team in await ledger.teams.all()},
        {workflow.key: workflow for workflow in await ledger.workflows.all()},
        await ledger.attribution_rules.all(),
    )
