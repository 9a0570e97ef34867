from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.once import add_once
from storage.tables import JobRow, SeenEventRow


class Jobs:
    """Work that is done once, whoever is first: a job of a local period, an event of Slack's."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def claim(self, job: str, scope: str, period_start: datetime, now: datetime) -> bool:
        """True for exactly one caller. Undone with the transaction, so a crash leaves it to do."""
        row = JobRow(job=job, scope=scope, period_start=period_start, done_at=now)
        return await add_once(self._session, row)

    async def scopes(self, job: str, period_start: datetime) -> frozenset[str]:
        """For which of its scopes the job of this period was claimed."""
        row = JobRow
        found = await self._session.exec(
            select(row.scope).where(row.job == job, row.period_start == period_start)
        )
        return frozenset(found)

    async def is_done(self, job: str, scope: str, period_start: datetime) -> bool:
        """Asked before a claim where it is mostly done: a refused claim is a line in the log."""
        return await self._session.get(JobRow, (job, scope, period_start)) is not None

    async def forget(self, job: str, before: datetime) -> None:
        """Drop the claims of a job that is done many times a day."""
        await self._session.exec(
            delete(JobRow).where(col(JobRow.job) == job, col(JobRow.period_start) < before)
        )

    async def last(self, job: str) -> datetime | None:
        """The newest period for which it was claimed."""
        found = await self._session.exec(
            select(JobRow.period_start)
            .where(JobRow.job == job)
            .order_by(col(JobRow.period_start).desc())
            .limit(1)
        )
        return found.first()

    async def once_in(self, job: str, slot: datetime, now: datetime, scope: str = "") -> bool:
        """True for exactly one caller in this slot; the claims of slots before are dropped."""
        if await self.is_done(job, scope, slot):
            return False
        claimed = await self.claim(job, scope, slot, now)
        await self.forget(job, slot)
        return claimed

    async def first_time(self, event: str, now: datetime) -> bool:
        """True the first time this event id is seen."""
        return await add_once(self._session, SeenEventRow(id=event, at=now))
