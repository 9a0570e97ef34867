from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.adjustments import Adjustment
from bot.refusal import Unknown
from storage.once import add_once
from storage.tables import AdjustmentRow


class Adjustments:
    """What people booked by hand. Nothing is ever removed."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, adjustment: Adjustment) -> bool:
        """False where it was added before."""
        return await add_once(self._session, AdjustmentRow(**vars(adjustment)))

    async def get(self, id_: str) -> Adjustment:
        """As it is now, whatever was read before. Raises Unknown."""
        rows = await self._session.exec(
            select(AdjustmentRow)
            .where(AdjustmentRow.id == id_)
            .execution_options(populate_existing=True)
        )
        row = rows.first()
        if row is None:
            raise Unknown("There is no such adjustment.")
        return Adjustment(**row.model_dump())

    async def latest(self, limit: int, skip: int = 0) -> tuple[Adjustment, ...]:
        """The newest first."""
        rows = await self._session.exec(
            select(AdjustmentRow)
            .order_by(col(AdjustmentRow.made_at).desc(), col(AdjustmentRow.id))
            .limit(limit)
            .offset(skip)
        )
        return tuple(Adjustment(**row.model_dump()) for row in rows)

    async def undo(self, id_: str, by: str, now: datetime) -> bool:
        """False when somebody was first (law 7)."""
        undone = await self._session.exec(
            update(AdjustmentRow)
            .where(col(AdjustmentRow.id) == id_, col(AdjustmentRow.undone_by).is_(None))
            .values(undone_by=by, undone_at=now)
            .execution_options(synchronize_session=False)
        )
        return bool(undone.rowcount)
