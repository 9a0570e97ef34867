"""People who left, and who is to own what they owned."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.departures import OwnerQuestion
from bot.refusal import Unknown
from storage.once import add_once
from storage.tables import DepartureRow, OwnerQuestionRow, PersonRow


class Departures:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def unseen(self) -> tuple[str, ...]:
        """Those who left and were not seen to yet."""
        seen = select(DepartureRow.person)
        found = await self._session.exec(
            select(PersonRow.id)
            .where(col(PersonRow.deleted).is_(True), col(PersonRow.id).not_in(seen))
            .order_by(col(PersonRow.id))
        )
        return tuple(found)

    async def begin(self, person: str, now: datetime) -> bool:
        """True for exactly one caller, until they are back."""
        return await add_once(self._session, DepartureRow(person=person, at=now))

    async def forget(self, person: str) -> None:
        """They are back: another departure is another one."""
        await self._session.exec(delete(DepartureRow).where(col(DepartureRow.person) == person))

    async def ask(self, question: OwnerQuestion) -> None:
        self._session.add(OwnerQuestionRow(**vars(question) | {"asked": list(question.asked)}))
        await self._session.flush()

    async def question(self, id: str) -> OwnerQuestion:  # noqa: A002
        """As it is now. Raises Unknown."""
        row = await self._session.get(OwnerQuestionRow, id, populate_existing=True)
        if row is None:
            raise Unknown("That question is not kept any more.")
        plain = row.model_dump()
        return OwnerQuestion(**plain | {"asked": tuple(row.asked)})

    async def settle(
        self, question: OwnerQuestion, by: str, owner: str, now: datetime
    ) -> OwnerQuestion | None:
        """None for the second of two."""
        row = OwnerQuestionRow
        settled = await self._session.exec(
            update(row)
            .where(col(row.id) == question.id, col(row.settled_by).is_(None))
            .values(settled_by=by, settled_at=now, owner=owner)
            .execution_options(synchronize_session=False)
        )
        if settled.rowcount != 1:
            return None
        return replace(question, settled_by=by, settled_at=now, owner=owner)
