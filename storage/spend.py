"""Reading what the ledger of usage adds up to. Budget figures read the period's total row."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, tuple_
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.attribution import UNATTRIBUTED
from bot.money import ZERO
from bot.periods import CapKind, Period
from bot.spend import Spent
from storage.tables import PeriodTotalRow, SourceRow, UsageHourRow, UsageRow

# Three parameters each; a statement of SQLite holds 32,766.
_PAGE = 5_000


class Spend:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, workflow: str, period: Period) -> Spent:
        row = await self._session.get(
            PeriodTotalRow, _key(workflow, period), populate_existing=True
        )
        return Spent() if row is None else _spent(row)

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
        keys = [_key(workflow, period) for workflow, period in wanted]
        pages = [keys[first : first + _PAGE] for first in range(0, len(keys), _PAGE)]
        rows = [row for page in pages for row in await self._rows(page)]
        return {(found.workflow, CapKind(found.cap)): _spent(found) for found in rows}

    async def _rows(self, keys: list[tuple[str, str, datetime]]) -> Sequence[PeriodTotalRow]:
        row = PeriodTotalRow
        found = await self._session.exec(
            select(row)
            .where(tuple_(col(row.workflow), col(row.cap), col(row.start)).in_(keys))
            .execution_options(populate_existing=True)
        )
        return found.all()

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
        return _money(total.one())

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
        return tuple((model, _money(total)) for model, total in rows)

    async def days(
        self, workflow: str, start: datetime, end: datetime
    ) -> tuple[tuple[Period, Spent], ...]:
        """The days that begin in `[start, end)` and hold something, in order."""
        row = PeriodTotalRow
        rows = await self._session.exec(
            select(row)
            .where(row.workflow == workflow, row.cap == CapKind.DAILY.value)
            .where(row.start >= start, row.start < end)
            .order_by(col(row.start))
        )
        return tuple((Period(CapKind.DAILY, r.start, r.end), _spent(r)) for r in rows)

    async def late(
        self, workflow: str, kind: CapKind, since: datetime
    ) -> tuple[tuple[Period, Decimal], ...]:
        """What periods of a kind took after their end, for those that ended after `since`."""
        row = PeriodTotalRow
        rows = await self._session.exec(
            select(row)
            .where(row.workflow == workflow, row.cap == kind.value)
            .where(row.end > since, col(row.late) != ZERO)
        )
        return tuple((Period(kind, r.start, r.end), r.late) for r in rows)

    async def declared(self, period: Period, most: int) -> tuple[tuple[str, Decimal], ...]:
        """What unattributed records called their workflow, and USD: the dearest names first."""
        row = UsageRow
        cost = func.sum(row.cost)
        rows = await self._session.exec(
            select(row.declared, cost)
            .where(row.workflow == UNATTRIBUTED, row.at >= period.start, row.at < period.end)
            .where(row.counts == 1)
            .group_by(row.declared)
            .order_by(func.coalesce(cost, 0).desc(), row.declared)
            .limit(most)
        )
        return tuple((name, _money(total)) for name, total in rows)

    async def fresh_through(self) -> dict[str, datetime]:
        """The newest record of each source."""
        rows = await self._session.exec(select(SourceRow))
        return {row.name: row.last_at for row in rows if row.last_at is not None}


def _key(workflow: str, period: Period) -> tuple[str, str, datetime]:
    return workflow, period.kind.value, period.start


def _spent(row: PeriodTotalRow) -> Spent:
    last_at = row.last_at if row.records else None
    return Spent(row.cost, row.assumed, row.records, row.unmetered, row.late, last_at)


def _money(value: Decimal | int | None) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(value or 0).scaleb(-9)
