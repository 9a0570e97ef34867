from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.proven import Proven
from storage.once import add_once
from storage.tables import ProvenRow


class ProvenWorkflows:
    """Those whose return an admin takes as proven."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, workflow: str) -> Proven | None:
        """As it is now, whatever was read before."""
        rows = await self._session.exec(
            select(ProvenRow)
            .where(ProvenRow.workflow == workflow)
            .execution_options(populate_existing=True)
        )
        row = rows.first()
        return None if row is None else Proven(**row.model_dump())

    async def add(self, proven: Proven) -> bool:
        """False when it is marked already."""
        return await add_once(self._session, ProvenRow(**vars(proven)))

    async def remove(self, workflow: str) -> bool:
        """False when it was not marked."""
        gone = await self._session.exec(
            delete(ProvenRow).where(col(ProvenRow.workflow) == workflow)
        )
        return bool(gone.rowcount)
