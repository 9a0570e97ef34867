from datetime import datetime

from bot.freshness import Feed
from bot.workflows import Workflow
from handlers.steps.read_feeds import read_feeds
from storage.ledger import Ledger


async def feeds_of(ledger: Ledger, workflow: Workflow, now: datetime) -> tuple[Feed, ...]:
    """The sources that feed one workflow."""
    return (await read_feeds(ledger, [workflow.key], now)).get(workflow.key, ())
