"""Reading what the ledger of usage adds up to. Budget figures read the period's total row."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, tuple_
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.money import ZERO
from bot.periods import CapKind, Period
from bot.spend import Spent
from storage.tables import PeriodTotalRow, UsageHourRow, UsageRow

# Three parameters each; a statement of SQLite holds 32,766.
_PAGE = 5_000

TotalKey = tuple[str, str, datetime]


class Spend:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, workflow: str, period: Period) -> Spent:
        row = await self._session.get(
            PeriodTotalRow, _key(workflow, period), populate_existing=True
        )
        return Spent() if row is None else spent_in(row)

    async def hold(self, workflow: str, periods: Iterable[Period]) -> None:
        """Keep other writers from these totals until the ledger closes, written yet or not.

        In the order in which usage is written, so that nobody waits in a circle.
        """
        for period in sorted(periods, key=lambda one: (one.kind.value, one.start)):
            if not await self._held(workflow, period):
                await self._begin(workflow, period)

    async def _held(self, workflow: str, period: Period) -> bool:
        key = _key(workflow, period)
        found = await self._session.get(
            PeriodTotalRow, key, with_for_update=True, populate_existing=True
        )
        return found is not None

    async def _begin(self, workflow: str, period: Period) -> None:
        nothing: dict[str, Any] = dict.fromkeys(("cost", "assumed", "late"), ZERO)
        row = PeriodTotalRow(
            workflow=workflow,
            cap=period.kind.value,
            start=period.start,
            end=period.end,
            records=0,
            unmetered=0,
            last_at=period.start,
            **nothing,
        )
        try:
            async with self._session.begin_nested():
                self._session.add(row)
        except IntegrityError:
            await self._held(workflow, period)

    async def in_periods(
        self, wanted: Iterable[tuple[str, Period]]
    ) -> dict[tuple[str, CapKind], Spent]:
        """By workflow and kind of period; what is not there has spent nothing."""
        rows = await totals_of(self._session, [_key(*one) for one in wanted])
        return {(found.workflow, CapKind(found.cap)): spent_in(found) for found in rows}

    async def between(self, workflow: str, start: datetime, end: datetime) -> Decimal:
        """USD of the records in `[start, end)`, for stretches that are no period."""
        total = await self._session.exec(
            select(func.sum(UsageRow.cost)).where(
                UsageRow.workflow == workflow,
                UsageRow.at >= start,
                UsageRow.at < end,
                UsageRow.counts == 1,
            )
        )
        return usd_of(total.one())

    async def by_model(self, workflow: str, period: Period) -> tuple[tuple[str, Decimal], ...]:
        """(model, USD), the dearest first."""
        row = UsageHourRow
        cost = func.sum(row.cost)
        rows = await self._session.exec(
            select(row.model, cost)
            .where(row.workflow == workflow, row.hour >= period.start, row.hour < period.end)
            .group_by(row.model)
            .order_by(cost.desc(), row.model)
        )
        return tuple((model, usd_of(total)) for model, total in rows)


def _key(workflow: str, period: Period) -> TotalKey:
    return workflow, period.kind.value, period.start


async def totals_of(session: AsyncSession, keys: Sequence[TotalKey]) -> list[PeriodTotalRow]:
    """Of (workflow, cap, start); what is not there has spent nothing."""
    row, found = PeriodTotalRow, list[PeriodTotalRow]()
    mine = tuple_(col(row.workflow), col(row.cap), col(row.start))
    for first in range(0, len(keys), _PAGE):
        asked = select(row).where(mine.in_(keys[first : first + _PAGE]))
        found += await session.exec(asked.execution_options(populate_existing=True))
    return found


def spent_in(row: PeriodTotalRow) -> Spent:
    last_at = row.last_at if row.records else None
    return Spent(row.cost, row.assumed, row.records, row.unmetered, row.late, last_at)


def usd_of(value: Decimal | int | None) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(value or 0).scaleb(-9)
