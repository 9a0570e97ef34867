"""Words to one person that wait for their hour. A row stays when it has left: its key is said."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.notices import Card, Urgency, topic_of
from bot.reach import HeldWord
from storage.once import add_once
from storage.tables import HeldWordRow

_MOST = 500
_WAITING = col(HeldWordRow.notice).is_(None)


class HeldWords:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def hold(self, word: HeldWord) -> bool:
        """False when a word of this key was held before."""
        return await add_once(self._session, HeldWordRow(**_columns(word)))

    async def knows(self, key: str) -> bool:
        """Whether it waits, or waited and has left."""
        found = await self._session.exec(select(exists().where(col(HeldWordRow.key) == key)))
        return bool(found.one())

    async def waits(self, key: str, person: str) -> bool:
        mine = col(HeldWordRow.key) == key, col(HeldWordRow.person) == person, _WAITING
        return bool((await self._session.exec(select(exists().where(*mine)))).one())

    async def find(self, key: str, person: str) -> HeldWord | None:
        """None where it does not wait."""
        mine = HeldWordRow.key == key, HeldWordRow.person == person
        return next(iter(await self._words(*mine, _WAITING, locked=True)), None)

    async def waiting(self, person: str) -> tuple[HeldWord, ...]:
        return await self._words(_WAITING, HeldWordRow.person == person, locked=True)

    async def due(self, now: datetime) -> tuple[HeldWord, ...]:
        """Those whose hour has come, by person, the oldest first. Nobody else is given them before
        the transaction ends.
        """
        return await self._words(_WAITING, HeldWordRow.due_at <= now, locked=True)

    async def release(self, keys: Iterable[str], notice: str) -> None:
        """They left in this notice."""
        await self._change(keys, notice=notice)

    async def move(self, key: str, due_at: datetime) -> None:
        await self._change([key], due_at=due_at)

    async def save(self, word: HeldWord) -> None:
        """What it says, how urgent it is and when it leaves, while it waits."""
        columns = _columns(word)
        said = {name: columns[name] for name in ("text", "blocks", "urgency", "due_at")}
        await self._change([word.key], **said)

    async def under(self, prefix: str) -> tuple[str, ...]:
        """The keys that begin so, of those that wait or left together with others."""
        row = HeldWordRow
        mine = row.topic == topic_of(prefix), col(row.key).startswith(prefix, autoescape=True)
        found = await self._session.exec(select(row.key).where(*mine).order_by(col(row.key)))
        return tuple(found)

    async def card(self, key: str) -> Card | None:
        """What a word says that waits, or waited and has left."""
        row = await self._session.get(HeldWordRow, key, populate_existing=True)
        return None if row is None else Card(row.text, tuple(row.blocks))

    async def withdraw(self, keys: Iterable[str]) -> None:
        """What still waits of these is not said: its reason is gone."""
        await self._session.exec(
            delete(HeldWordRow).where(col(HeldWordRow.key).in_(list(keys)), _WAITING)
        )

    async def withdraw_about(self, prefix: str) -> None:
        """The same for all whose key begins so."""
        await self._session.exec(
            delete(HeldWordRow).where(
                col(HeldWordRow.key).startswith(prefix, autoescape=True), _WAITING
            )
        )

    async def rewrite(self, key: str, card: Card) -> str | None:
        """Its newest words; the notice they left in, if they have."""
        row = await self._session.get(HeldWordRow, key, populate_existing=True)
        if row is None:
            return None
        row.text, row.blocks = card.text, list(card.blocks)
        self._session.add(row)
        await self._session.flush()
        return row.notice

    async def left_in(self, notice: str) -> tuple[HeldWord, ...]:
        return await self._words(col(HeldWordRow.notice) == notice)

    async def _change(self, keys: Iterable[str], **values: Any) -> None:  # noqa: ANN401
        await self._session.exec(
            update(HeldWordRow)
            .where(col(HeldWordRow.key).in_(list(keys)), _WAITING)
            .values(**values)
            .execution_options(synchronize_session="fetch")
        )

    async def _words(self, *where: Any, locked: bool = False) -> tuple[HeldWord, ...]:  # noqa: ANN401
        row = HeldWordRow
        query = select(row).where(*where).order_by(col(row.person), col(row.held_at), col(row.key))
        rows = await self._session.exec(
            (query.with_for_update(skip_locked=True) if locked else query)
            .limit(_MOST)
            .execution_options(populate_existing=True)
        )
        return tuple(map(_word, rows))


def _columns(word: HeldWord) -> dict[str, Any]:
    plain = {name: value for name, value in vars(word).items() if name not in {"card", "urgency"}}
    card = word.card
    return {
        **plain,
        "topic": topic_of(word.key),
        "text": card.text,
        "blocks": list(card.blocks),
        "urgency": word.urgency.value,
    }


def _word(row: HeldWordRow) -> HeldWord:
    return HeldWord(
        row.key,
        row.person,
        Card(row.text, tuple(row.blocks)),
        Urgency(row.urgency),
        row.zone,
        row.held_at,
        row.due_at,
    )
