from decimal import Decimal
from uuid import uuid4

from bot.usage import SentUsage, read_usage


def a_record(workflow, usd, at, *, model="gpt-5", id=None):
    """What one call cost, checked. The same id again is a correction."""
    sent = SentUsage(
        id=id or uuid4().hex, at=at, workflow=workflow.key, model=model, cost=Decimal(usd)
    )
    return read_usage(sent, "test", at)


async def spend(database, workflow, usd, at, **named):
    """Book one record, and look at nothing."""
    async with database.ledger() as ledger:
        await ledger.usage.record([a_record(workflow, usd, at, **named)], at)
