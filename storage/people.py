from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.people import Person
from storage.tables import PersonRow


class People:
    """What Slack last said of each account."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, user: str) -> Person | None:
        row = await self._session.get(PersonRow, user)
        return None if row is None else Person(**row.model_dump())

    async def save(self, person: Person) -> None:
        await self._session.merge(PersonRow(**vars(person)))
        await self._session.flush()

    async def read_since(self, moment: datetime) -> frozenset[str]:
        """Those of whom Slack has told since then."""
        fresh = col(PersonRow.read_at) >= moment
        return frozenset(await self._session.exec(select(PersonRow.id).where(fresh)))

    async def called(self) -> tuple[str, ...]:
        """The ids and names of all."""
        found = await self._session.exec(select(PersonRow.id, PersonRow.name))
        return tuple(text for pair in found for text in pair)

    async def gone(self) -> tuple[str, ...]:
        """Those whose account is deactivated."""
        found = await self._session.exec(
            select(PersonRow.id).where(col(PersonRow.deleted).is_(True))
        )
        return tuple(found)
