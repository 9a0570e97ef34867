"""Reading what the ledger of usage adds up to. Budget figures read the period's total row."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.money import ZERO
from bot.periods import CapKind, Period
from bot.spend import Spent
from storage.tables import PeriodTotalRow, SourceRow, UsageHourRow

UNATTRIBUTED = ""


class Spend:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, workflow: str, period: Period) -> Spent:
        row = await self._session.get(PeriodTotalRow, (workflow, period.kind.value, period.start))
        return Spent() if row is None else _spent(row)

    async def in_periods(
        self, wanted: Iterable[tuple[str, Period]]
    ) -> dict[tuple[str, CapKind], Spent]:
        """By workflow and kind of period; what is not there has spent nothing."""
        keys = [(workflow, period.kind.value, period.start) for workflow, period in wanted]
        row = PeriodTotalRow
        rows = await self._session.exec(
            select(row).where(tuple_(col(row.workflow), col(row.cap), col(row.start)).in_(keys))
        )
        return {(found.workflow, CapKind(found.cap)): _spent(found) for found in rows}

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

    async def late(self, workflow: str, since: datetime) -> tuple[tuple[Period, Decimal], ...]:
        """Closed months that took late records and began at or after `since`."""
        row = PeriodTotalRow
        rows = await self._session.exec(
            select(row)
            .where(row.workflow == workflow, row.cap == CapKind.MONTHLY.value)
            .where(row.start >= since, col(row.late) != ZERO)
        )
        return tuple((Period(CapKind.MONTHLY, r.start, r.end), r.late) for r in rows)

    async def fresh_through(self, source: str | None = None) -> dict[str, datetime]:
        """The newest record of each source."""
        query = select(SourceRow)
        rows = await self._session.exec(
            query if source is None else query.where(SourceRow.name == source)
        )
        return {row.name: row.last_at for row in rows if row.last_at is not None}


def _spent(row: PeriodTotalRow) -> Spent:
    return Spent(row.cost, row.assumed, row.records, row.unmetered, row.late, row.last_at)


def _money(value: Decimal | int | None) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(value or 0).scaleb(-9)
