from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.shown import Shown
from storage.once import add_once
from storage.tables import RequestCardRow


class RequestCards:
    """What the cards of requests say."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, request: str) -> Shown | None:
        """As it is now, whatever was read before; None for a card older than this table."""
        found = await self._session.exec(
            select(RequestCardRow)
            .where(RequestCardRow.request == request)
            .execution_options(populate_existing=True)
        )
        row = found.first()
        return None if row is None else _shown(row)

    async def keep(self, shown: Shown) -> None:
        fields = vars(shown) | {"people": list(shown.people), "percents": dict(shown.percents)}
        known = await self._session.exec(
            update(RequestCardRow)
            .where(col(RequestCardRow.request) == shown.request)
            .values(**fields)
            .execution_options(synchronize_session=False)
        )
        if known.rowcount == 0:
            # Where it is not the first, another replica has drawn the same card just now.
            await add_once(self._session, RequestCardRow(**fields))


def _shown(row: RequestCardRow) -> Shown:
    return Shown(
        row.request, row.terms, row.standing, tuple(row.people), dict(row.percents), row.at
    )
