"""The settings and the database, as every command opens them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from bot.refusal import Refusal
from handlers.cli.saying import err, warn
from handlers.desk import Desk
from handlers.settings import Settings, read_settings, unknown_variables
from storage.database import Database
from storage.schema import head, migrate, revision

_Kind = TypeVar("_Kind", bound=Settings)


class OldSchema(Refusal):
    """The database is of another release."""


def settings_of(kind: type[_Kind]) -> _Kind:
    """Raises BadSettings."""
    # First: the misspelt one may be why another is missing.
    warn(unknown_variables())
    return read_settings(kind)


async def check_reachable(settings: Settings) -> None:
    """Raises Unreachable."""
    database = Database(settings.database_url)
    try:
        await revision(database)
    finally:
        await database.close()


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Desk]:
    """Sets up an empty database, refuses one of another release. Raises OldSchema, Unreachable."""
    database = Database(settings.database_url)
    try:
        await _fit(database)
        yield Desk(database, settings.admins)
    finally:
        await database.close()


def tell_database(database: Database) -> None:
    """Which one a command works on; never with a password."""
    url = database.url
    where = url.database if database.is_sqlite else f"{url.host or 'localhost'}/{url.database}"
    err.print(f"Database: {where} (BUDGET_BOT_DATABASE_URL names another)", markup=False)


async def _fit(database: Database) -> None:
    found = await revision(database)
    if found is None:
        await migrate(database)
    elif found != head():
        raise OldSchema(
            f"The database is at revision {found}, this release needs {head()}: run "
            "`budget-bot migrate`."
        )
