from datetime import datetime

from sqlalchemy import delete, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import OverrideRow, TakeBackRow


class TakeBacks:
    """The raises that went through by themselves and can still be taken back."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def open(self, request: str, until: datetime) -> None:
        self._session.add(TakeBackRow(request=request, until=until))
        await self._session.flush()

    async def over(self, now: datetime) -> tuple[str, ...]:
        """The requests whose day has passed, or whose override has ended."""
        row, lent = TakeBackRow, OverrideRow
        ended = or_(col(row.until) <= now, col(lent.end) <= now, col(lent.ended_at).is_not(None))
        mine = select(row.request).join(lent, col(lent.request) == row.request).where(ended)
        return tuple(await self._session.exec(mine.order_by(col(row.until), row.request)))

    async def close(self, request: str) -> bool:
        """False for the second of two."""
        mine = delete(TakeBackRow).where(col(TakeBackRow.request) == request)
        return bool((await self._session.exec(mine)).rowcount)
