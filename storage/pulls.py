from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.pulls import Mark, Pull
from storage.once import add_once
from storage.tables import PullRow

# Between a fingerprint, which holds none, and an outline.
_OUTLINE = " "


class Pulls:
    """Sources that are asked: how far, when next, and by which replica just now."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def all(self) -> tuple[Pull, ...]:
        rows = await self._session.exec(select(PullRow).order_by(PullRow.source))
        return tuple(map(_pull, rows))

    async def get(self, source: str) -> Pull | None:
        row = await self._session.get(PullRow, source, populate_existing=True)
        return None if row is None else _pull(row)

    async def claim(
        self, source: str, now: datetime, until: datetime, *, early: bool = False
    ) -> Pull | None:
        """For one asker until `until`; None where it is not due, or somebody holds it. `early`:
        whether due or not.
        """
        if await self._session.get(PullRow, source) is None:
            await add_once(self._session, PullRow(source=source, due_at=now))
        free = col(PullRow.held_until).is_(None) | (col(PullRow.held_until) <= now)
        due = True if early else col(PullRow.due_at) <= now
        row = update(PullRow).where(col(PullRow.source) == source, free, due)  # type: ignore[arg-type]
        claimed = await self._session.exec(row.values(held_until=until))
        return await self.get(source) if claimed.rowcount else None

    async def hasten(self, source: str, now: datetime) -> bool:
        """Due at once, unless it failed lately and is waited for; whether it is asked at all."""
        if await self._session.get(PullRow, source) is None:
            return False
        row = update(PullRow).where(
            col(PullRow.source) == source, col(PullRow.due_at) > now, col(PullRow.failures) == 0
        )
        await self._session.exec(row.values(due_at=now))
        return True

    async def hold(self, source: str, held: datetime, until: datetime) -> bool:
        """Go on holding what is held until `held`; False where another asker has it by now."""
        row = update(PullRow).where(col(PullRow.source) == source, col(PullRow.held_until) == held)
        return bool((await self._session.exec(row.values(held_until=until))).rowcount)

    async def save(self, pull: Pull) -> None:
        """Where it stands; the hold stays."""
        row = await self._session.get_one(PullRow, pull.source)
        row.through, row.due_at, row.failures = pull.through, pull.due_at, pull.failures
        row.succeeded_at, row.failed_at, row.error = pull.succeeded_at, pull.failed_at, pull.error
        row.cursor = _cursor(pull)
        self._session.add(row)
        await self._session.flush()

    async def let_go(self, source: str) -> None:
        row = await self._session.get_one(PullRow, source)
        row.held_until = None
        self._session.add(row)


def _cursor(pull: Pull) -> dict[str, Any]:
    told = {day.isoformat(): _written(pull.told[day]) for day in sorted(pull.told)}
    return {"at": pull.at.isoformat() if pull.at else None, "told": told}


def _written(mark: Mark) -> str:
    return f"{mark.fingerprint}{_OUTLINE}{mark.outline}" if mark.outline else mark.fingerprint


def _read(text: str) -> Mark:
    fingerprint, _, outline = text.partition(_OUTLINE)
    return Mark(fingerprint, outline)


def _pull(row: PullRow) -> Pull:
    cursor: Mapping[str, Any] = row.cursor or {}
    at, told = cursor.get("at"), cursor.get("told") or {}
    pull = Pull(row.source, row.due_at, row.through)
    return replace(
        pull,
        at=datetime.fromisoformat(at) if at else None,
        told={datetime.fromisoformat(day): _read(text) for day, text in told.items()},
        failures=row.failures,
        succeeded_at=row.succeeded_at,
        failed_at=row.failed_at,
        error=row.error,
    )
