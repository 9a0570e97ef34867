from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.explanations import Explanation
from storage.once import add_once
from storage.tables import ExplanationRow


class Explanations:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, explanation: Explanation) -> bool:
        """False when the same form was sent before."""
        return await add_once(self._session, ExplanationRow(**vars(explanation)))

    async def of(self, workflow: str, start: datetime, end: datetime) -> tuple[Explanation, ...]:
        """Those given in `[start, end)`, oldest first."""
        row = ExplanationRow
        rows = await self._session.exec(
            select(row)
            .where(row.workflow == workflow, row.at >= start, row.at < end)
            .order_by(col(row.at), col(row.id))
        )
        return tuple(Explanation(**each.model_dump()) for each in rows)
