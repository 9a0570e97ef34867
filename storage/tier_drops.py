from datetime import datetime

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.refusal import Unknown
from bot.tier_drops import TierDrop
from bot.workflows import Tier
from storage.tables import TierDropRow


class TierDrops:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, drop: TierDrop) -> None:
        tiers = {"was": drop.was.value, "becomes": drop.becomes.value}
        self._session.add(TierDropRow(**{**vars(drop), **tiers}))
        await self._session.flush()

    async def get(self, drop: str) -> TierDrop:
        """Raises Unknown."""
        row = await self._session.get(TierDropRow, drop, populate_existing=True)
        if row is None:
            raise Unknown("This change of tier is gone. `/budget history` shows what was done.")
        tiers = {"was": Tier(row.was), "becomes": Tier(row.becomes)}
        return TierDrop(**{**row.model_dump(), **tiers})

    async def undo(self, drop: str, by: str, now: datetime) -> bool:
        """False when it was undone before."""
        undone = await self._session.exec(
            update(TierDropRow)
            .where(col(TierDropRow.id) == drop, col(TierDropRow.undone_at).is_(None))
            .values(undone_at=now, undone_by=by)
            .execution_options(synchronize_session="fetch")
        )
        return bool(undone.rowcount)
