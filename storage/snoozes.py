from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.snoozes import Snooze
from storage.once import add_once
from storage.organisation import Organisations
from storage.tables import SnoozeRow


class Snoozes:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def begin(self, snooze: Snooze) -> bool:
        """False when this workflow has one that was not ended."""
        if not await add_once(self._session, SnoozeRow(**vars(snooze))):
            return False
        await Organisations(self._session).touch()
        return True

    async def end(self, snooze: str, by: str | None, now: datetime) -> bool:
        """By a person, or (`by` None) by its own time; False when it had ended before."""
        ended = await self._session.exec(
            update(SnoozeRow)
            .where(col(SnoozeRow.id) == snooze, col(SnoozeRow.ended_at).is_(None))
            .values(ended_at=now, ended_by=by)
            .execution_options(synchronize_session="fetch")
        )
        if not ended.rowcount:
            return False
        await Organisations(self._session).touch()
        return True

    async def find(self, snooze: str) -> Snooze | None:
        row = await self._session.get(SnoozeRow, snooze, populate_existing=True)
        return None if row is None else _snooze(row)

    async def running(self, workflows: Iterable[str]) -> dict[str, Snooze]:
        """Those that were not ended, by workflow; their time may be over."""
        mine = col(SnoozeRow.workflow).in_(set(workflows))
        rows = await self._session.exec(
            select(SnoozeRow)
            .where(mine, col(SnoozeRow.ended_at).is_(None))
            .execution_options(populate_existing=True)
        )
        return {row.workflow: _snooze(row) for row in rows}

    async def over(self, now: datetime) -> tuple[Snooze, ...]:
        """Those whose time is over and whose end was not told."""
        rows = await self._session.exec(
            select(SnoozeRow)
            .where(col(SnoozeRow.ended_at).is_(None), col(SnoozeRow.until) <= now)
            .order_by(col(SnoozeRow.workflow))
        )
        return tuple(map(_snooze, rows))


def _snooze(row: SnoozeRow) -> Snooze:
    return Snooze(**row.model_dump())
