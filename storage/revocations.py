from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.money import ZERO
from bot.revocations import Revocation, SpentSince, State
from storage.once import add_once
from storage.tables import RevocationRow, UsageRow


class Revocations:
    """The keys of retired workflows: one row each time one is retired."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, one: Revocation) -> bool:
        """False where there is one for this retirement."""
        return await add_once(self._session, RevocationRow(**_plain(one)))

    async def of(self, workflow: str) -> Revocation | None:
        """That of the last time it was retired."""
        found = await self._where(col(RevocationRow.workflow) == workflow)
        return max(found, key=lambda one: one.retired_at, default=None)

    async def waiting_for(self, person: str) -> tuple[Revocation, ...]:
        """The open ones that this person is to do."""
        return await self._where(_open(), col(RevocationRow.person) == person)

    async def due(self, now: datetime) -> tuple[Revocation, ...]:
        """Those somebody is to be reminded of."""
        return await self._where(_open(), col(RevocationRow.next_at) <= now)

    async def save(self, one: Revocation) -> Revocation | None:
        """Only over the version it was read from; None when somebody was first (law 7)."""
        row = RevocationRow
        saved = await self._session.exec(
            update(row)
            .where(col(row.workflow) == one.workflow, col(row.retired_at) == one.retired_at)
            .where(col(row.version) == one.version)
            .values(**{**_plain(one), "version": one.version + 1})
            .execution_options(synchronize_session=False)
        )
        return replace(one, version=one.version + 1) if saved.rowcount == 1 else None

    async def spent_since(self, workflow: str, moment: datetime) -> SpentSince:
        """What the ledger holds of after `moment`."""
        row = UsageRow
        after = row.workflow == workflow, col(row.at) > moment, col(row.counts) == 1
        found = await self._session.exec(
            select(func.sum(row.cost), func.count(), func.max(col(row.at))).where(*after)
        )
        amount, records, last_at = found.one()
        if not records:
            return SpentSince()
        model, source = [await self._most(name, *after) for name in ("model", "source")]
        return SpentSince(amount or ZERO, records, last_at, model, source)

    async def _most(self, name: str, *after: ColumnElement[bool] | bool) -> str:
        """Where most of the money is from, else most of the records."""
        column = col(getattr(UsageRow, name))
        cost = func.coalesce(func.sum(UsageRow.cost), 0)
        found = await self._session.exec(
            select(column)
            .where(*after)
            .group_by(column)
            .order_by(cost.desc(), func.count().desc(), column)
            .limit(1)
        )
        return str(found.one())

    async def _where(self, *conditions: ColumnElement[bool]) -> tuple[Revocation, ...]:
        rows = await self._session.exec(
            select(RevocationRow)
            .where(*conditions)
            .order_by(col(RevocationRow.due_on), col(RevocationRow.workflow))
            .execution_options(populate_existing=True)
        )
        return tuple(map(_revocation, rows))


def _open() -> ColumnElement[bool]:
    return col(RevocationRow.state) == State.OPEN.value


def _plain(one: Revocation) -> dict[str, Any]:
    return {**vars(one), "state": one.state.value}


def _revocation(row: RevocationRow) -> Revocation:
    return Revocation(**{**row.model_dump(), "state": State(row.state)})
