from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, update
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.forewarnings import SAME_SPIKE, Forewarning, Sort
from bot.periods import CapKind, Period
from storage.once import add_once
from storage.tables import ForewarningRow

_LATELY = timedelta(days=2)


class Forewarnings:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def running(self, workflows: Iterable[str], now: datetime) -> tuple[Forewarning, ...]:
        """Those of periods that are not over, and spikes that may still go on."""
        row = ForewarningRow
        spike = and_(col(row.sort) == Sort.SPIKE.value, col(row.seen_at) > now - SAME_SPIKE)
        rows = await self._session.exec(
            select(row)
            .where(col(row.workflow).in_(set(workflows)), or_(col(row.end) > now, spike))
            .order_by(col(row.workflow), col(row.since))
            .execution_options(populate_existing=True)
        )
        return tuple(map(_forewarning, rows))

    async def ended(self, now: datetime) -> tuple[Forewarning, ...]:
        """Those that were said of a cap whose period ended within two days."""
        row = ForewarningRow
        rows = await self._session.exec(
            select(row)
            .where(col(row.end) <= now, col(row.end) > now - _LATELY)
            .where(col(row.said_at).is_not(None), col(row.sort) != Sort.SPIKE.value)
            .order_by(col(row.workflow), col(row.since))
            .execution_options(populate_existing=True)
        )
        return tuple(map(_forewarning, rows))

    async def seen(self, one: Forewarning) -> None:
        """A look has found it, for the first time or again."""
        if await self._seen_again(one):
            return
        if not await add_once(self._session, _row(one)):
            await self._seen_again(one)

    async def _seen_again(self, one: Forewarning) -> bool:
        again = await self._session.exec(
            update(ForewarningRow)
            .where(_same(one))
            .values(seen_at=one.seen_at)
            .execution_options(synchronize_session=False)
        )
        return bool(again.rowcount)

    async def forget(self, one: Forewarning) -> None:
        """A look has found otherwise. What was said stays said."""
        await self._session.exec(
            delete(ForewarningRow)
            .where(_same(one), col(ForewarningRow.said_at).is_(None))
            .execution_options(synchronize_session=False)
        )

    async def say(self, one: Forewarning, now: datetime) -> bool:
        """True for exactly one caller: it is theirs to say."""
        said = await self._session.exec(
            update(ForewarningRow)
            .where(_same(one), col(ForewarningRow.said_at).is_(None))
            .values(said_at=now)
            .execution_options(synchronize_session=False)
        )
        return bool(said.rowcount)


def _same(one: Forewarning) -> ColumnElement[bool]:
    row = ForewarningRow
    return and_(
        col(row.workflow) == one.workflow,
        col(row.sort) == one.sort.value,
        col(row.cap) == one.period.kind.value,
        col(row.start) == one.period.start,
        col(row.amount) == one.amount,
    )


def _row(one: Forewarning) -> ForewarningRow:
    return ForewarningRow(
        workflow=one.workflow,
        sort=one.sort.value,
        cap=one.period.kind.value,
        start=one.period.start,
        end=one.period.end,
        amount=one.amount,
        since=one.since,
        seen_at=one.seen_at,
        said_at=one.said_at,
    )


def _forewarning(row: ForewarningRow) -> Forewarning:
    period = Period(CapKind(row.cap), row.start, row.end)
    return Forewarning(
        row.workflow, Sort(row.sort), period, row.amount, row.since, row.seen_at, row.said_at
    )
