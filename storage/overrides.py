from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.overrides import Override
from bot.periods import CapKind
from storage.organisation import Organisations
from storage.tables import OverrideRow


class Overrides:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, override: Override) -> None:
        self._session.add(OverrideRow(**{**vars(override), "cap": override.cap.value}))
        await self._session.flush()
        await Organisations(self._session).touch()

    async def of(self, workflow: str) -> tuple[Override, ...]:
        """Every override the workflow ever had, oldest first."""
        return tuple(
            map(
                _override,
                await self._session.exec(
                    select(OverrideRow)
                    .where(OverrideRow.workflow == workflow)
                    .order_by(col(OverrideRow.start))
                ),
            )
        )

    async def running(self, workflows: Iterable[str]) -> tuple[Override, ...]:
        """Those whose end has not been announced."""
        mine = col(OverrideRow.workflow).in_(set(workflows))
        rows = await self._session.exec(
            select(OverrideRow).where(mine, col(OverrideRow.ended_at).is_(None))
        )
        return tuple(map(_override, rows))

    async def over(self, now: datetime) -> tuple[Override, ...]:
        """Those that have run out and were not announced yet."""
        rows = await self._session.exec(
            select(OverrideRow).where(
                col(OverrideRow.ended_at).is_(None), col(OverrideRow.end) <= now
            )
        )
        return tuple(map(_override, rows))

    async def end(self, override: str, now: datetime) -> bool:
        """Mark its end; False when somebody did before."""
        ended = await self._session.exec(
            update(OverrideRow)
            .where(col(OverrideRow.id) == override, col(OverrideRow.ended_at).is_(None))
            .values(ended_at=now)
        )
        await Organisations(self._session).touch()
        return bool(ended.rowcount)


def _override(row: OverrideRow) -> Override:
    return Override(**{**row.model_dump(), "cap": CapKind(row.cap)})
