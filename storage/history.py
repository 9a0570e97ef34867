"""What workflows spent day by day and hour by hour, read from the roll-ups."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.drivers import Mix, Used
from bot.money import ZERO
from bot.periods import CapKind
from storage.reading import columns, rows_of
from storage.tables import PeriodTotalRow, UsageHourRow, UsageRow

# (where it begins, USD), oldest first
Series = tuple[tuple[datetime, Decimal], ...]

# Some tenths of a second of SQLite's one writer.
_MOST_RECORDS = 200_000


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
        """The hours that began from `since` to `now`, the running one among them."""
        row = UsageHourRow
        found = await self._session.exec(
            select(col(row.workflow), col(row.hour), func.sum(col(row.cost)))
            .where(col(row.workflow).in_(set(workflows)), row.hour >= since, row.hour <= now)
            .group_by(col(row.workflow), col(row.hour))
            .order_by(col(row.workflow), col(row.hour))
        )
        return _by_workflow(found)

    async def mix(self, workflow: str, start: datetime, end: datetime) -> Mix:
        """`[start, end)` by model and by person; without people where there are too many records
        to walk through while others wait.
        """
        models = await self._by_model(workflow, start, end)
        many = sum(used.records for used in models.values()) > _MOST_RECORDS
        return Mix(models, {} if many else await self._by_person(workflow, start, end))

    async def _by_model(self, workflow: str, start: datetime, end: datetime) -> dict[str, Used]:
        row = UsageHourRow
        sums: list[Any] = [
            func.sum(col(row.records)),
            func.sum(col(row.input_tokens)),
            func.sum(col(row.output_tokens)),
        ]
        mine = col(row.workflow) == workflow, col(row.hour) >= start, col(row.hour) < end
        asked = columns(row.model, func.sum(row.cost), *sums).where(*mine).group_by(row.model)
        return _used(await rows_of(self._session, asked))

    async def _by_person(self, workflow: str, start: datetime, end: datetime) -> dict[str, Used]:
        row = UsageRow
        sums: list[Any] = [
            func.count(),
            func.sum(func.coalesce(row.input_tokens, 0)),
            func.sum(func.coalesce(row.output_tokens, 0)),
        ]
        mine = col(row.workflow) == workflow, col(row.at) >= start, col(row.at) < end
        asked = columns(row.user, func.sum(row.cost), *sums).where(*mine, row.counts == 1)
        return _used(await rows_of(self._session, asked.group_by(row.user)))


def _used(rows: Iterable[Any]) -> dict[str, Used]:
    """Counts come as Decimal from PostgreSQL."""
    return {
        name: Used(cost or ZERO, int(records), int(tokens_in), int(tokens_out))
        for name, cost, records, tokens_in, tokens_out in rows
    }


def _by_workflow(rows: Iterable[tuple[str, datetime, Decimal]]) -> dict[str, Series]:
    known: dict[str, list[tuple[datetime, Decimal]]] = defaultdict(list)
    for workflow, start, cost in rows:
        known[workflow].append((start, cost))
    return {workflow: tuple(series) for workflow, series in known.items()}
