from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.overrides import Override
from bot.periods import CapKind
from storage.organisation import Organisations
from storage.tables import OverrideRow, RequestRow


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

    async def run_out(self, overrides: Iterable[str], now: datetime) -> frozenset[str]:
        """Mark the ends of those that are over; the ids of those nobody marked before.

        Time did it, which what remembers alerts knows of beforehand: the registry is not touched.
        """
        row = OverrideRow
        mine = select(row).where(col(row.id).in_(set(overrides)), col(row.end) <= now)
        waiting = mine.where(col(row.ended_at).is_(None)).order_by(col(row.id))
        found = (await self._session.exec(waiting.with_for_update())).all()
        for each in found:
            each.ended_at = now
        await self._session.flush()
        return frozenset(each.id for each in found)

    async def requesters(self, overrides: Iterable[Override]) -> tuple[str, ...]:
        """Who asked for them, each person once."""
        mine = col(RequestRow.id).in_({one.request for one in overrides})
        rows = await self._session.exec(select(RequestRow.asked_by).where(mine).distinct())
        return tuple(sorted(rows))

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
