"""Open the database: SQLite in a file, or PostgreSQL by URL."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NoReturn

import psycopg
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import ORMExecuteState
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.ledger import Ledger
from storage.usage import Memory, RegistryKeepsChanging

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}
_BUSY_MS = 30_000
_PASSING = (
    psycopg.OperationalError,
    sqlite3.OperationalError,
    TimeoutError,
    RegistryKeepsChanging,
)


class Unreachable(RuntimeError):
    """The database does not answer."""


class NotADatabase(ValueError):
    """The URL names no database the bot can use."""


class WouldWrite(BaseException):
    """Something was to be written in a rehearsal. Not an Exception: whoever goes on with the next
    after an error does not go on after this.
    """


def read_url(text: str) -> URL:
    """`sqlite:///file.db` or `postgresql://…`. Raises NotADatabase."""
    try:
        url = make_url(text)
    except Exception as error:
        raise NotADatabase(
            "write it like sqlite:///budget-bot.db or postgresql://host/name"
        ) from error
    driver = _DRIVERS.get(url.get_backend_name())
    if driver is None:
        raise NotADatabase(f"{url.get_backend_name()} is not supported: use sqlite or postgresql")
    return url.set(drivername=driver)


def is_passing(error: Exception) -> bool:
    """Whether the same may succeed a moment later: a deadlock, a lost connection, a busy file, a
    registry that has just changed.
    """
    return isinstance(getattr(error, "orig", None) or error, _PASSING)


class Database:
    """Ledgers on one database. SQLite has one writing connection; readers never wait for it."""

    def __init__(self, url: str) -> None:
        self.url = read_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._writing = (
            _sqlite(self.url, "BEGIN IMMEDIATE", 1) if self.is_sqlite else _postgres(self.url)
        )
        self._reading = (
            _sqlite(self.url, "BEGIN", 4, read_only=True) if self.is_sqlite else self._writing
        )
        self._memory = Memory()
        # Set after every commit that said something; the dispatcher waits for it.
        self.noticed = asyncio.Event()

    @asynccontextmanager
    async def ledger(self) -> AsyncIterator[Ledger]:
        """One transaction that writes: commits at the end, undoes everything on an error."""
        async with AsyncSession(self._writing, expire_on_commit=False) as session:
            async with session.begin():
                ledger = Ledger(session, self._memory, is_sqlite=self.is_sqlite)
                yield ledger
            if ledger.notices.added:
                self.noticed.set()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Ledger]:
        """One consistent view. On SQLite it never waits for a writer and cannot write."""
        async with AsyncSession(self._reading, expire_on_commit=False) as session, session.begin():
            yield Ledger(session, self._memory, is_sqlite=self.is_sqlite)

    @asynccontextmanager
    async def rehearsal(self) -> AsyncIterator[Ledger]:
        """One view to find out whether there is anything to write; raises WouldWrite before the
        database hears of the first write.
        """
        session = AsyncSession(
            self._reading, expire_on_commit=False, sync_session_class=_RehearsingSession
        )
        async with session, session.begin():
            yield Ledger(session, self._memory, is_sqlite=self.is_sqlite, rehearses=True)

    @property
    def engine(self) -> AsyncEngine:
        return self._writing

    async def close(self) -> None:
        await self._reading.dispose()
        await self._writing.dispose()


class _RehearsingSession(Session):
    def connection(self, *_: Any, **__: Any) -> NoReturn:  # noqa: ANN401
        """What goes past the session is not looked at."""
        raise WouldWrite


@event.listens_for(_RehearsingSession, "before_flush")
def _refuse_rows(*_: object) -> None:
    raise WouldWrite


@event.listens_for(_RehearsingSession, "do_orm_execute")
def _refuse_statements(state: ORMExecuteState) -> None:
    if not state.is_select:
        raise WouldWrite


def _postgres(url: URL) -> AsyncEngine:
    return create_async_engine(
        url, pool_size=12, max_overflow=4, pool_timeout=30, pool_pre_ping=True
    )


def _sqlite(url: URL, begin: str, connections: int, *, read_only: bool = False) -> AsyncEngine:
    engine = create_async_engine(
        url, pool_size=connections, max_overflow=0, pool_timeout=60, connect_args={"timeout": 30}
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:  # noqa: ANN401
        # The driver must not begin transactions of its own; see `start`.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in _pragmas(read_only=read_only):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "invalidate")
    def undo(connection: Any, *_: object) -> None:  # noqa: ANN401
        # Closing ends no transaction while a cursor is left, and whoever was cut off leaves one:
        # the file would stay locked until it is collected.
        with contextlib.suppress(asyncio.CancelledError, ValueError, sqlite3.Error):
            connection.run_async(lambda driver: asyncio.shield(driver.rollback()))

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Any) -> None:  # noqa: ANN401
        connection.exec_driver_sql(begin)

    return engine


def _pragmas(*, read_only: bool) -> tuple[str, ...]:
    common = (f"busy_timeout={_BUSY_MS}", "foreign_keys=ON", "cache_size=-65536")
    if read_only:
        return (*common, "query_only=ON")
    return (*common, "journal_mode=WAL", "synchronous=FULL")
