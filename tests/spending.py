from decimal import Decimal
from uuid import uuid4

from bot.money import to_nanos
from bot.usage import CostBasis, Usage

BY_HAND = "test"


def a_record(workflow, usd, at, *, model="gpt-5", basis=CostBasis.BILLED, id=None):
    """One call's cost, as it is booked."""
    return Usage(
        source=BY_HAND,
        id=id or uuid4().hex,
        workflow=workflow.key,
        at=at,
        provider="openai",
        model=model,
        input_tokens=None,
        output_tokens=None,
        cache_read_tokens=None,
        cache_write_tokens=None,
        nanos=None if usd is None else to_nanos(Decimal(usd)),
        basis=basis,
        user="",
        run="",
        tags=(),
        sender=BY_HAND,
    )


async def spend(database, workflow, usd, at, **named):
    """Book one record, and look at nothing."""
    async with database.ledger() as ledger:
        await ledger.usage.record([a_record(workflow, usd, at, **named)], at)
