from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.acknowledgements import Acknowledgement, Standing
from bot.changes import BOT, Change
from storage.once import add_once
from storage.tables import AcknowledgementRow, ChangeRow

# Written out: a bound parameter would hide from both databases that a partial index serves.
_WAITS = col(AcknowledgementRow.state) == literal_column(f"'{Standing.WAITING.value}'")

_AT_ONCE = 25


class Acknowledgements:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, waiting: Acknowledgement) -> bool:
        """From now on; False when this workflow has one that waits."""
        newest = await self.newest_change(waiting.workflow)
        return await add_once(self._session, _row(replace(waiting, last_change=newest)))

    async def waiting(self, workflow: str) -> Acknowledgement | None:
        row = AcknowledgementRow
        return await self._one(col(row.workflow) == workflow, _WAITS)

    async def newest(self, workflow: str) -> Acknowledgement | None:
        """The one that waits, else the last that did."""
        return await self._one(col(AcknowledgementRow.workflow) == workflow)

    async def asking(self, now: datetime) -> tuple[Acknowledgement, ...]:
        """All that wait for somebody to act and do not stand still, the oldest first."""
        row = AcknowledgementRow
        rows = await self._session.exec(
            select(row)
            .where(_WAITS, col(row.paused_until).is_(None), row.ends_at > now)
            .order_by(col(row.asked_at), col(row.workflow))
        )
        return tuple(map(_acknowledgement, rows))

    async def due(self, now: datetime) -> tuple[Acknowledgement, ...]:
        """The waiting ones that there is something to do about: time has come, or a person did
        something about the workflow since. As many as one transaction takes; the rest is due
        after them.
        """
        row, change = AcknowledgementRow, ChangeRow
        acted = (
            select(change.id)
            .where(col(change.about) == col(row.workflow), col(change.id) > col(row.last_change))
            .where(col(change.actor) != BOT)
            .exists()
        )
        rows = await self._session.exec(
            select(row)
            .where(_WAITS)
            .where(or_(col(row.next_at) <= now, col(row.ends_at) <= now, acted))
            .order_by(col(row.workflow))
            .limit(_AT_ONCE)
            .execution_options(populate_existing=True)
        )
        return tuple(map(_acknowledgement, rows))

    async def acts(self, waiting: Acknowledgement) -> tuple[tuple[int, Change], ...]:
        """What people did about the workflow since, oldest first, with the entries' numbers."""
        row = ChangeRow
        rows = await self._session.exec(
            select(row)
            .where(row.about == waiting.workflow, col(row.id) > waiting.last_change)
            .where(row.actor != BOT)
            .order_by(col(row.id))
        )
        return tuple((r.id or 0, Change(**r.model_dump(exclude={"id"}))) for r in rows)

    async def newest_change(self, workflow: str) -> int:
        found = await self._session.exec(
            select(func.max(ChangeRow.id)).where(ChangeRow.about == workflow)
        )
        return found.one() or 0

    async def save(self, changed: Acknowledgement) -> Acknowledgement | None:
        """Only while it waits, and over the version it was read from; None when somebody was
        first.
        """
        row, version = AcknowledgementRow, changed.version
        after = replace(changed, version=version + 1)
        saved = await self._session.exec(
            update(row)
            .where(col(row.id) == changed.id, _WAITS, col(row.version) == version)
            .values(**_columns(after))
            .execution_options(synchronize_session="fetch")
        )
        return after if saved.rowcount else None

    async def _one(self, *where: ColumnElement[bool]) -> Acknowledgement | None:
        row = AcknowledgementRow
        found = await self._session.exec(
            select(row)
            .where(*where)
            .order_by(_WAITS.desc(), col(row.asked_at).desc())
            .limit(1)
            .execution_options(populate_existing=True)
        )
        first = found.first()
        return None if first is None else _acknowledgement(first)


_LISTS = ("hours", "notices", "told")


def _columns(one: Acknowledgement) -> dict[str, Any]:
    plain = {name: value for name, value in vars(one).items() if name != "standing"}
    lists = {name: list(getattr(one, name)) for name in _LISTS}
    return {**plain, **lists, "state": one.standing.value, "next_at": one.next_at}


def _row(one: Acknowledgement) -> AcknowledgementRow:
    return AcknowledgementRow(**_columns(one))


def _acknowledgement(row: AcknowledgementRow) -> Acknowledgement:
    kept = row.model_dump(exclude={"state", "next_at"})
    lists = {name: tuple(kept[name]) for name in _LISTS}
    return Acknowledgement(**{**kept, **lists}, standing=Standing(row.state))
