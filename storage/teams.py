from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.names import quoted
from bot.refusal import Unknown
from bot.teams import Team
from storage.tables import TeamRow


class Teams:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, key: str) -> Team:
        """Raises Unknown."""
        row = await self._session.get(TeamRow, key)
        if row is None:
            raise Unknown(f"There is no team {quoted(key)}.", field="team")
        return _team(row)

    async def all(self) -> tuple[Team, ...]:
        rows = await self._session.exec(select(TeamRow).order_by(col(TeamRow.key)))
        return tuple(map(_team, rows))

    async def save(self, team: Team) -> None:
        await self._session.merge(TeamRow(**vars(team)))
        await self._session.flush()


def _team(row: TeamRow) -> Team:
    return Team(**row.model_dump())
