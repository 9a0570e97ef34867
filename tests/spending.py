"""Spend as the ledger of usage leaves it, for tests that are not about writing usage."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.caps import running_periods
from storage.tables import PeriodTotalRow, UsageHourRow, UsageRow

NOTHING = Decimal(0)


async def spend(database, workflow, usd, at, *, model="gpt-5", assumed=NOTHING, unmetered=0):
    """One record of `usd` at that moment, counted in every period it falls into."""
    amount = {"cost": Decimal(usd), "assumed": Decimal(assumed), "unmetered": unmetered}
    async with AsyncSession(database.engine) as session, session.begin():
        for period in running_periods(workflow, at):
            key = {"workflow": workflow.key, "cap": period.kind.value, "start": period.start}
            fresh = PeriodTotalRow(**key, end=period.end, late=NOTHING, last_at=at, **_ZERO)
            row = await session.get(PeriodTotalRow, tuple(key.values())) or fresh
            row.last_at = max(row.last_at, at)
            _add(row, amount)
            session.add(row)
        await _hour(session, workflow, at, model, amount)
        session.add(_record(workflow, at, model, Decimal(usd)))


_ZERO = {"cost": NOTHING, "assumed": NOTHING, "records": 0, "unmetered": 0}


def _add(row, amount):
    row.records += 1
    for name, more in amount.items():
        setattr(row, name, getattr(row, name) + more)


async def _hour(session, workflow, at, model, amount):
    hour = at.replace(minute=0, second=0, microsecond=0)
    tokens = {"input_tokens": 0, "output_tokens": 0, "cached_tokens": 0}
    fresh = UsageHourRow(workflow=workflow.key, hour=hour, model=model, **_ZERO, **tokens)
    row = await session.get(UsageHourRow, (workflow.key, hour, model)) or fresh
    _add(row, amount)
    session.add(row)


def _record(workflow, at, model, cost):
    return UsageRow(
        source="test",
        id=uuid4().hex,
        workflow=workflow.key,
        at=at,
        model=model,
        cost=cost,
        basis="billed",
        received_at=at + timedelta(seconds=1),
    )
