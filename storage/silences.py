from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.once import add_once
from storage.tables import SilenceRow


class Silences:
    """The sources that have been said to be silent, late or failing, until they are well again."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def all(self) -> dict[str, datetime]:
        """Since when, by source."""
        return {row.source: row.since for row in await self._session.exec(select(SilenceRow))}

    async def begin(self, source: str, since: datetime, notice: str) -> bool:
        """True for exactly one caller."""
        return await add_once(self._session, SilenceRow(source=source, since=since, notice=notice))

    async def end(self, source: str) -> str | None:
        """For exactly one caller the key under which it was said."""
        row = await self._session.get(SilenceRow, source)
        gone = await self._session.exec(
            delete(SilenceRow)
            .where(col(SilenceRow.source) == source)
            .execution_options(synchronize_session=False)
        )
        return row.notice if row is not None and gone.rowcount else None
