"""`budget-bot migrate` and `version`."""

import asyncio
import platform
import sqlite3
from importlib.metadata import PackageNotFoundError, version

from handlers.cli.opening import settings_of
from handlers.cli.saying import refusals, say
from handlers.settings import Settings
from storage.database import Database
from storage.schema import head, migrate, revision


def migrate_command() -> None:
    """Bring the database to the schema of this release. `serve` does so by itself.

    Example:  budget-bot migrate
    """
    with refusals():
        before, after = asyncio.run(_migrated(settings_of(Settings)))
    if before == after:
        say(f"Nothing to do: the database is at revision {after}.")
    else:
        say(f"Migrated from {before or 'an empty database'} to revision {after}.")


async def _migrated(settings: Settings) -> tuple[str | None, str | None]:
    database = Database(settings.database_url)
    try:
        before = await revision(database)
        await migrate(database)
        return before, await revision(database)
    finally:
        await database.close()


def version_command() -> None:
    """Say which release this is, and what it stands on.

    Example:  budget-bot version
    """
    say(f"budget-bot {_release()}")
    say(f"schema     {head()}")
    say(f"Python     {platform.python_version()}")
    say(f"SQLite     {sqlite3.sqlite_version}")


def _release() -> str:
    try:
        return version("budget-bot")
    except PackageNotFoundError:
        return "(not installed)"
