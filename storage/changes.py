from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.changes import Change
from storage.tables import ChangeRow


class Changes:
    """The audit trail. There is no way to alter or remove a line."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, change: Change) -> None:
        self._session.add(ChangeRow(**vars(change)))
        await self._session.flush()

    async def newest(self, about: str, what: str) -> Change | None:
        found = await self._session.exec(
            select(ChangeRow)
            .where(ChangeRow.about == about, ChangeRow.what == what)
            .order_by(col(ChangeRow.id).desc())
            .limit(1)
        )
        row = found.first()
        return None if row is None else Change(**row.model_dump(exclude={"id"}))

    async def of(self, about: str, limit: int = 50, skip: int = 0) -> tuple[Change, ...]:
        """The newest first, after the `skip` newest."""
        rows = await self._session.exec(
            select(ChangeRow)
            .where(ChangeRow.about == about)
            .order_by(col(ChangeRow.id).desc())
            .limit(limit)
            .offset(skip)
        )
        return tuple(Change(**row.model_dump(exclude={"id"})) for row in rows)
