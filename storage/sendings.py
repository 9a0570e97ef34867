"""The outbox, looked at: what became of each message, for people to see."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, true
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.notices import Act, Sending
from bot.sendings import Delivery, Quiet, Tally
from storage.tables import (
    DraftRow,
    HeldWordRow,
    NoticeRow,
    ReassignmentRow,
    RequestRow,
)

_UNSENT = col(NoticeRow.state).in_([Sending.WAITING.value, Sending.LEASED.value])
_ASIDE = col(NoticeRow.state) == Sending.SET_ASIDE.value
_OF_WORKFLOWS = (RequestRow, DraftRow, ReassignmentRow)

Scope = Collection[str] | None


class Sendings:
    """`about` is the keys of workflows; None is everything that was ever said."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def tally(self, about: Scope, today: datetime) -> Tally:
        """`today`: the instant the day began."""
        held = col(NoticeRow.held_since).is_not(None)
        return Tally(
            waiting=await self._count(about, _UNSENT, ~held),
            held=await self._count(about, _UNSENT, held),
            sent=await self._count(about, col(NoticeRow.sent_at) >= today),
            set_aside=await self._count(about, _ASIDE),
            quiet=await self._quiet(about),
        )

    async def latest(self, about: Scope, limit: int, skip: int) -> tuple[Delivery, ...]:
        """Messages and whatever went wrong, the newest first, after the `skip` newest."""
        row = NoticeRow
        shown = or_(col(row.act) == Act.POST.value, _ASIDE, col(row.held_since).is_not(None))
        rows = await self._session.exec(
            select(row)
            .where(shown, _about(about))
            .order_by(col(row.seq).desc())
            .limit(limit)
            .offset(skip)
        )
        return tuple(_delivery(row) for row in rows)

    async def quiet(self, about: Scope, limit: int) -> tuple[Quiet, ...]:
        """The words that wait for somebody's hours, the next to leave first."""
        row = HeldWordRow
        mine = true() if about is None else _topics(col(row.topic), about)
        rows = await self._session.exec(
            select(row.key, row.topic, row.person, row.due_at)
            .where(col(row.notice).is_(None), mine)
            .order_by(col(row.due_at), col(row.key))
            .limit(limit)
        )
        return tuple(Quiet(*found) for found in rows)

    async def find(self, key: str) -> Delivery | None:
        target = aliased(NoticeRow)
        found = await self._session.exec(
            select(NoticeRow, target.state)
            .join(target, col(target.key) == col(NoticeRow.target), isouter=True)
            .where(NoticeRow.key == key)
            .execution_options(populate_existing=True)
        )
        row = found.first()
        return None if row is None else _delivery(*row)

    async def concerns(self, key: str, about: Scope) -> bool:
        found = await self._session.exec(
            select(NoticeRow.key).where(NoticeRow.key == key, _about(about))
        )
        return found.first() is not None

    async def _count(self, about: Scope, *where: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(NoticeRow).where(_about(about), *where)
        return (await self._session.exec(query)).one()

    async def _quiet(self, about: Scope) -> int:
        waiting = col(HeldWordRow.notice).is_(None)
        mine = true() if about is None else _topics(col(HeldWordRow.topic), about)
        query = select(func.count()).select_from(HeldWordRow).where(waiting, mine)
        return (await self._session.exec(query)).one()


def _about(scope: Scope) -> ColumnElement[bool]:
    if scope is None:
        return true()
    words = col(HeldWordRow.notice).is_not(None), _topics(col(HeldWordRow.topic), scope)
    in_digest = select(col(HeldWordRow.notice)).where(and_(*words))
    return or_(_topics(col(NoticeRow.topic), scope), col(NoticeRow.key).in_(in_digest))


def _topics(topic: Any, workflows: Collection[str]) -> ColumnElement[bool]:  # noqa: ANN401
    """The workflows themselves, and the requests and the like about them."""
    keys = list(workflows)
    ids = [topic.in_(select(row.id).where(col(row.workflow).in_(keys))) for row in _OF_WORKFLOWS]
    return or_(topic.in_(keys), *ids)


def _delivery(row: NoticeRow, target: str | None = None) -> Delivery:
    return Delivery(
        row.key,
        row.topic,
        row.channel,
        Act(row.act),
        Sending(row.state),
        row.sent_at or row.held_since or row.created_at,
        row.reason or "",
        row.held_since is not None,
        None if target is None else Sending(target),
    )
