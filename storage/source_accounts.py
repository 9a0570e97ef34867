from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.sources import Kind, Reported, silenced
from storage.once import add_once
from storage.organisation import Organisations
from storage.tables import SourceAccountRow


class SourceAccounts:
    """Which source has brought something of which account."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def all(self) -> frozenset[Reported]:
        found = await self._session.exec(select(SourceAccountRow))
        return frozenset(Reported(row.source, row.account, Kind(row.kind)) for row in found)

    async def add(self, news: Iterable[Reported], now: datetime) -> frozenset[tuple[str, str]]:
        """Which (source, account) count nowhere from now on."""
        added = [
            await add_once(
                self._session,
                SourceAccountRow(
                    source=one.source, account=one.account, kind=one.kind.value, since=now
                ),
            )
            for one in sorted(news)
        ]
        # Of writers that meet one is first; that the registry has changed is said once.
        if any(added):
            await Organisations(self._session).touch()
        return await self.silent()

    async def remove(self, source: str, accounts: Iterable[str]) -> None:
        """It tells nothing of them any more."""
        row = SourceAccountRow
        mine = col(row.source) == source, col(row.account).in_(sorted(accounts))
        gone = delete(row).where(*mine).execution_options(synchronize_session=False)
        if (await self._session.exec(gone)).rowcount:
            await Organisations(self._session).touch()

    async def silent(self) -> frozenset[tuple[str, str]]:
        """Which (source, account) count nowhere."""
        organisation = await Organisations(self._session).get()
        return silenced(await self.all(), organisation.sources)
