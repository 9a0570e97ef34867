"""Spend as the ledger of usage leaves it, for tests that are not about writing usage."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.caps import running_periods
from storage.tables import PeriodTotalRow, UsageHourRow, UsageRow

NOTHING = Decimal(0)


async def spend(database, workflow, usd, at, *, model="gpt-5", **more):
    """One record of `usd` at that moment, counted in every period it falls into.

    `more` is its part that is `assumed`, or the number of `unmetered` calls.
    """
    amount = {"cost": Decimal(usd), "assumed": NOTHING, "unmetered": 0} | more
    async with AsyncSession(database.engine) as session, session.begin():
        for period in running_periods(workflow, at):
            key = workflow.key, period.kind.value, period.start
            row = await session.get(PeriodTotalRow, key) or _total(workflow, period, at)
            row.last_at = max(row.last_at, at)
            _add(row, amount)
            session.add(row)
        await _hour(session, workflow, at, model, amount)
        session.add(_record(workflow, at, model, Decimal(usd)))


_ZERO: dict[str, Any] = {"cost": NOTHING, "assumed": NOTHING, "records": 0, "unmetered": 0}


def _total(workflow, period, at):
    return PeriodTotalRow(
        workflow=workflow.key,
        cap=period.kind.value,
        start=period.start,
        end=period.end,
        late=NOTHING,
        last_at=at,
        **_ZERO,
    )


def _add(row, amount):
    row.records += 1
    for name, more in amount.items():
        setattr(row, name, getattr(row, name) + more)


async def _hour(session, workflow, at, model, amount):
    hour = at.replace(minute=0, second=0, microsecond=0)
    tokens: dict[str, Any] = {"input_tokens": 0, "output_tokens": 0, "cached_tokens": 0}
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
