"""The outbox on its way to Slack: claim one, send it, say how it went.

A lease is what lets one sender at a time into a channel; the unique index `notices_one_sender`
decides between several, and every verdict counts only while its lease is still held.
"""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, func, or_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.notices import Act, Card, Claim, Notice, Place, Sending, Target
from storage.tables import NoticeRow
from storage.turns import CLAIM, DUE, LEASED, TURNS, WAITING


class AlreadyClaimed(Exception):
    """Another notice of this channel was leased in the same instant."""


class Deliveries:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def channels(self) -> dict[str, datetime]:
        """Channels with something unsent, and when their turn comes; the next due first."""
        return dict((await self._session.exec(TURNS)).all())

    async def is_due(self, channel: str, now: datetime) -> bool:
        found = await self._session.exec(DUE, params={"in_channel": channel, "now": now})
        return found.first() is not None

    async def waiting_in(self, channel: str) -> int:
        """How much is still to be said there."""
        found = await self._session.exec(
            select(func.count()).where(NoticeRow.channel == channel, or_(WAITING, LEASED))
        )
        return found.one()

    async def claim(self, channel: str, now: datetime, until: datetime) -> Claim | None:
        """The channel's next notice, if it is due and nobody else is sending there.

        One whose lease ran out comes first, in doubt: its sender may have reached Slack. Raises
        AlreadyClaimed when another sender is faster; the transaction is then over.
        """
        while (row := await self._leased(channel, now, until)) is not None:
            if not await self._is_outdated(row):
                return _as_claim(row, await self._target(row.target))
            await self._session.exec(delete(NoticeRow).where(col(NoticeRow.seq) == row.seq))
        return None

    async def renew(self, claim: Claim, until: datetime) -> bool:
        """False when the lease was lost: somebody else may be sending by now."""
        return await self._mark(claim, leased_until=until)

    async def sent(
        self, claim: Claim, place: Place | None, now: datetime, reason: str | None = None
    ) -> bool:
        """`reason` says what is different from what was asked for, if anything is."""
        where = {} if place is None else {"posted_in": place.channel, "ts": place.ts}
        return await self._mark(
            claim,
            state=Sending.SENT.value,
            sent_at=now,
            in_doubt=False,
            held_since=None,
            reason=reason,
            **where,
        )

    async def set_aside(self, claim: Claim, reason: str, now: datetime) -> bool:
        return await self._mark(
            claim,
            state=Sending.SET_ASIDE.value,
            reason=reason,
            held_since=claim.held_since or now,
        )

    async def put_back(
        self,
        claim: Claim,
        due_at: datetime,
        *,
        reason: str,
        in_doubt: bool,
        held_since: datetime | None,
        told_admin: bool,
    ) -> bool:
        """To be tried again at `due_at`; those behind it in the channel wait for it."""
        return await self._mark(
            claim,
            state=Sending.WAITING.value,
            due_at=due_at,
            reason=reason,
            in_doubt=in_doubt,
            held_since=held_since,
            told_admin=told_admin,
            leased_until=None,
        )

    async def _leased(self, channel: str, now: datetime, until: datetime) -> NoticeRow | None:
        given = {"in_channel": channel, "now": now, "until": until, "by": uuid4().hex}
        try:
            return (await self._session.exec(CLAIM, params=given)).scalars().first()
        except IntegrityError as error:
            raise AlreadyClaimed(channel) from error

    async def _is_outdated(self, row: NoticeRow) -> bool:
        """Only the last of several rewrites of one message is worth sending."""
        if row.act != Act.UPDATE.value:
            return False
        same = col(NoticeRow.target) == row.target, col(NoticeRow.act) == row.act
        later = await self._session.exec(
            select(NoticeRow.seq).where(*same, WAITING, col(NoticeRow.seq) > row.seq).limit(1)
        )
        return later.first() is not None

    async def _target(self, key: str | None) -> Target | None:
        if key is None:
            return None
        found = await self._session.exec(
            select(NoticeRow.channel, NoticeRow.state, NoticeRow.posted_in, NoticeRow.ts).where(
                NoticeRow.key == key
            )
        )
        row = found.first()
        if row is None:
            return None
        channel, state, posted_in, ts = row
        return Target(channel, Sending(state), Place(posted_in, ts) if posted_in and ts else None)

    async def _mark(self, claim: Claim, **values: Any) -> bool:  # noqa: ANN401
        held = col(NoticeRow.seq) == claim.seq, col(NoticeRow.lease) == claim.lease, LEASED
        marked = await self._session.exec(
            update(NoticeRow)
            .where(*held)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        return marked.rowcount == 1


def _as_claim(row: NoticeRow, target: Target | None) -> Claim:
    notice = Notice(
        row.key,
        row.channel,
        Card(row.text, tuple(row.blocks)),
        Act(row.act),
        row.target,
        row.target_ts,
    )
    return Claim(
        seq=row.seq or 0,
        lease=row.lease or "",
        notice=notice,
        target=target,
        created_at=row.created_at,
        attempts=row.attempts,
        in_doubt=row.in_doubt,
        held_since=row.held_since,
        told_admin=row.told_admin,
    )
