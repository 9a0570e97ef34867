from datetime import datetime

from bot.freshness import Feed
from bot.workflows import Workflow
from storage.ledger import Ledger


async def feeds_of(ledger: Ledger, workflow: Workflow, now: datetime) -> tuple[Feed, ...]:
    """The sources that feed one workflow."""
    return (await ledger.freshness.feeds([workflow.key], now)).get(workflow.key, ())
