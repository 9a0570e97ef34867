from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.break_glass import BreakGlass, Review
from bot.refusal import Unknown
from storage.tables import BreakGlassRow


class BrokenGlass:
    """What was taken in an incident, and what was said of it afterwards."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, one: BreakGlass) -> None:
        self._session.add(BreakGlassRow(**{**vars(one), "state": one.state.value}))
        await self._session.flush()

    async def get(self, request: str) -> BreakGlass:
        """As it is now, whatever was read before. Raises Unknown."""
        rows = await self._session.exec(
            select(BreakGlassRow)
            .where(BreakGlassRow.request == request)
            .execution_options(populate_existing=True)
        )
        row = rows.first()
        if row is None:
            raise Unknown("Nobody took money at once here.")
        return _break_glass(row)

    async def of(self, workflow: str) -> tuple[BreakGlass, ...]:
        """The newest first."""
        rows = await self._session.exec(
            select(BreakGlassRow)
            .where(BreakGlassRow.workflow == workflow)
            .order_by(col(BreakGlassRow.at).desc())
        )
        return tuple(map(_break_glass, rows))

    async def waiting(self) -> tuple[BreakGlass, ...]:
        """Those somebody is asked about."""
        rows = await self._session.exec(
            select(BreakGlassRow)
            .where(col(BreakGlassRow.due_at).is_not(None))
            .order_by(col(BreakGlassRow.at))
        )
        return tuple(one for one in map(_break_glass, rows) if one.state.waits)

    async def due(self, now: datetime) -> tuple[BreakGlass, ...]:
        """Those with which the clock has something to do."""
        rows = await self._session.exec(
            select(BreakGlassRow)
            .where(col(BreakGlassRow.due_at).is_not(None), col(BreakGlassRow.due_at) <= now)
            .order_by(col(BreakGlassRow.due_at), col(BreakGlassRow.request))
        )
        return tuple(map(_break_glass, rows))

    async def move(self, before: BreakGlass, after: BreakGlass) -> bool:
        """False when somebody moved it meanwhile (law 7)."""
        moved = await self._session.exec(
            update(BreakGlassRow)
            .where(
                col(BreakGlassRow.request) == before.request,
                col(BreakGlassRow.state) == before.state.value,
            )
            .values(
                state=after.state.value,
                due_at=after.due_at,
                note=after.note,
                answered_by=after.answered_by,
                answered_at=after.answered_at,
            )
            .execution_options(synchronize_session=False)
        )
        return bool(moved.rowcount)


def _break_glass(row: BreakGlassRow) -> BreakGlass:
    return BreakGlass(**{**row.model_dump(), "state": Review(row.state)})
