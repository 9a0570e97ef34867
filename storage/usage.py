from sqlmodel.ext.asyncio.session import AsyncSession


class UsageRecords:
    def __init__(self, session: AsyncSession, *, is_sqlite: bool) -> None:
        self._session = session
        self._is_sqlite = is_sqlite
