"""The outbox: what is to be said is saved with the reason for saying it, and sent afterwards."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, func, literal_column, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.cards import digests
from bot.notices import Act, Backlog, Card, Notice, Sending, Trouble, topic_of
from storage.held_words import HeldWords
from storage.once import add_once
from storage.tables import NoticeRow

# Written out: a bound parameter would hide from both databases that a partial index serves.
_UNSENT = col(NoticeRow.state).in_([literal_column("'waiting'"), literal_column("'leased'")])
_SET_ASIDE = col(NoticeRow.state) == literal_column("'set_aside'")


class Notices:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self.added = False

    async def post(
        self,
        key: str,
        channel: str,
        card: Card,
        now: datetime,
        *,
        under: str | None = None,
        under_ts: str | None = None,
    ) -> bool:
        """Say it once: False when a notice of this key exists. `under` is the key of its parent."""
        return await self._add_once(Notice(key, channel, card, Act.POST, under, under_ts), now)

    async def update(self, target: str, card: Card, now: datetime) -> None:
        """Rewrite a message. An edit that has not left yet is replaced by this one. A word that is
        held has new words when it leaves; one that left in a digest has them there.

        Nothing happens where no notice and no held word has that key.
        """
        row = await self._row(target)
        if row is None:
            await self._rewrite_held(target, card, now)
            return
        waiting = col(NoticeRow.target) == target, col(NoticeRow.act) == Act.UPDATE.value
        await self._session.exec(
            delete(NoticeRow).where(*waiting, col(NoticeRow.state) == Sending.WAITING.value)
        )
        await self._add(
            Notice(f"{target}#{uuid4().hex}", row.channel, card, Act.UPDATE, target), now
        )

    async def reword(self, key: str, channel: str, card: Card) -> bool:
        """Let it say this from the start. False once somebody may have sent it."""
        unsent = col(NoticeRow.state) == Sending.WAITING.value, col(NoticeRow.in_doubt).is_(False)
        reworded = await self._session.exec(
            update(NoticeRow)
            .where(col(NoticeRow.key) == key, col(NoticeRow.channel) == channel, *unsent)
            .values(text=card.text, blocks=list(card.blocks))
            .execution_options(synchronize_session=False)
        )
        return reworded.rowcount == 1

    async def react(self, channel: str, ts: str, emoji: str, now: datetime) -> None:
        """Put an emoji (its name, without colons) on a person's message."""
        key = f"react:{channel}:{ts}:{emoji}"
        await self._add_once(Notice(key, channel, Card(emoji), Act.REACT, target_ts=ts), now)

    async def again(self, key: str, card: Card, now: datetime) -> bool:
        """Back to those that wait, as itself: in doubt still, if it was; it says `card`. False for
        the second of two, and for what is not set aside.
        """
        put = await self._session.exec(
            update(NoticeRow)
            .where(col(NoticeRow.key) == key, _SET_ASIDE)
            .values(
                text=card.text,
                blocks=list(card.blocks),
                state=Sending.WAITING.value,
                due_at=now,
                leased_until=None,
                held_since=None,
                told_admin=False,
                reason=None,
            )
            .execution_options(synchronize_session=False)
        )
        self.added = self.added or put.rowcount == 1
        return put.rowcount == 1

    async def card(self, key: str) -> Card | None:
        """What a notice says, as it was posted."""
        row = await self._row(key)
        return None if row is None else Card(row.text, tuple(row.blocks))

    async def shown(self, key: str) -> Card | None:
        """What a notice says since its newest edit."""
        edits = select(NoticeRow).where(NoticeRow.target == key, NoticeRow.act == Act.UPDATE.value)
        row = (await self._session.exec(edits.order_by(col(NoticeRow.seq).desc()).limit(1))).first()
        return await self.card(key) if row is None else Card(row.text, tuple(row.blocks))

    async def told(self, key: str) -> str | None:
        """The channel or person that a notice is for."""
        row = await self._row(key)
        return None if row is None else row.channel

    async def thread_of(self, key: str) -> str:
        """The key of the message whose thread this one stands in; its own where it is no reply."""
        row = await self._row(key)
        return key if row is None or row.target is None else row.target

    async def under(self, prefix: str) -> tuple[str, ...]:
        """The keys that begin so of what was said, or waits for somebody's hour."""
        said = select(NoticeRow.key).where(
            NoticeRow.topic == topic_of(prefix),
            NoticeRow.act == Act.POST.value,
            col(NoticeRow.key).startswith(prefix, autoescape=True),
        )
        found = await self._session.exec(said.order_by(col(NoticeRow.seq)))
        return (*found, *await HeldWords(self._session).under(prefix))

    async def key_of(self, channel: str, ts: str) -> str | None:
        """The key of the notice that stands at a place in Slack."""
        found = await self._session.exec(
            select(NoticeRow.key).where(NoticeRow.ts == ts, NoticeRow.posted_in == channel)
        )
        return found.first()

    async def as_posted(self, parent: str) -> tuple[str, ...]:
        """The keys of the replies under a parent that nothing has rewritten."""
        edit = aliased(NoticeRow)
        rewritten = select(edit.key).where(
            edit.target == NoticeRow.key, edit.act == Act.UPDATE.value
        )
        found = await self._session.exec(
            select(NoticeRow.key)
            .where(NoticeRow.target == parent, NoticeRow.act == Act.POST.value)
            .where(~rewritten.exists())
            .order_by(col(NoticeRow.seq))
        )
        return tuple(found)

    async def troubled(self, limit: int = 50) -> tuple[Trouble, ...]:
        """What is held, the oldest first; then what was set aside, the newest first."""
        held = select(NoticeRow).where(_UNSENT, col(NoticeRow.held_since).is_not(None))
        aside = select(NoticeRow).where(_SET_ASIDE)
        rows = [
            *await self._session.exec(held.order_by(col(NoticeRow.held_since)).limit(limit)),
            *await self._session.exec(aside.order_by(col(NoticeRow.seq).desc()).limit(limit)),
        ]
        return tuple(_trouble(row) for row in rows[:limit])

    async def backlog(self, now: datetime) -> Backlog:
        found = await self._session.exec(
            select(func.count(), func.min(col(NoticeRow.created_at))).where(_UNSENT)
        )
        waiting, oldest = found.one()
        return Backlog(waiting, max(timedelta(0), now - (oldest or now)))

    async def _rewrite_held(self, key: str, card: Card, now: datetime) -> None:
        held = HeldWords(self._session)
        digest = await held.rewrite(key, card)
        if digest is not None:
            await self.update(digest, digests.together(await held.left_in(digest)), now)

    async def _add_once(self, notice: Notice, now: datetime) -> bool:
        if not await add_once(self._session, _row(notice, now)):
            return False
        self.added = True
        return True

    async def _add(self, notice: Notice, now: datetime) -> None:
        self._session.add(_row(notice, now))
        await self._session.flush()
        self.added = True

    async def _row(self, key: str) -> NoticeRow | None:
        found = await self._session.exec(select(NoticeRow).where(NoticeRow.key == key))
        return found.first()


def _row(notice: Notice, now: datetime) -> NoticeRow:
    plain: dict[str, Any] = {
        **vars(notice),
        "act": notice.act.value,
        "text": notice.card.text,
        "blocks": list(notice.card.blocks),
        "topic": topic_of(notice.key),
        "created_at": now,
        "due_at": now,
    }
    del plain["card"]
    return NoticeRow(**plain)


def _trouble(row: NoticeRow) -> Trouble:
    return Trouble(
        row.key,
        row.channel,
        Act(row.act),
        Sending(row.state),
        row.reason or "",
        row.held_since or row.created_at,
    )
