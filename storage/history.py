"""What workflows spent day by day and hour by hour, read from the roll-ups."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.periods import CapKind
from storage.tables import PeriodTotalRow, UsageHourRow

# (where it begins, USD), oldest first
Series = tuple[tuple[datetime, Decimal], ...]


class History:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def days(
        self, workflows: Iterable[str], since: datetime, now: datetime
    ) -> dict[str, Series]:
        """The days of each workflow's calendar that began at `since` or later, hold something and
        are over.
        """
        row = PeriodTotalRow
        found = await self._session.exec(
            select(col(row.workflow), col(row.start), col(row.cost))
            .where(col(row.workflow).in_(set(workflows)), row.cap == CapKind.DAILY.value)
            .where(row.start >= since, row.start < now, row.end <= now)
            .order_by(col(row.workflow), col(row.start))
        )
        return _by_workflow(found)

    async def hours(
        self, workflows: Iterable[str], since: datetime, now: datetime
    ) -> dict[str, Series]:
        """The hours that began in `[since, now)`, the running one among them."""
        row = UsageHourRow
        found = await self._session.exec(
            select(col(row.workflow), col(row.hour), func.sum(col(row.cost)))
            .where(col(row.workflow).in_(set(workflows)), row.hour >= since, row.hour < now)
            .group_by(col(row.workflow), col(row.hour))
            .order_by(col(row.workflow), col(row.hour))
        )
        return _by_workflow(found)


def _by_workflow(rows: Iterable[tuple[str, datetime, Decimal]]) -> dict[str, Series]:
    known: dict[str, list[tuple[datetime, Decimal]]] = defaultdict(list)
    for workflow, start, cost in rows:
        known[workflow].append((start, cost))
    return {workflow: tuple(series) for workflow, series in known.items()}
