"""Bring the schema to where this release needs it, or say that it is newer."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database, Unreachable

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x62_75_64_67_65_74


class NewerSchema(RuntimeError):
    """The database was migrated by a newer release; this one must not write to it."""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """The revision this release needs."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    if found is None:
        raise RuntimeError("no migrations are shipped with this release")
    return found


async def revision(database: Database) -> str | None:
    """The revision the database stands at; None when it is empty. Raises Unreachable."""
    try:
        async with database.engine.connect() as connection:
            return await connection.run_sync(_revision)
    except (SQLAlchemyError, OSError) as error:
        raise Unreachable(str(error)) from error


async def migrate(database: Database, target: str = "head") -> None:
    """Upgrade under a lock, so replicas that start together do it once. Raises NewerSchema."""
    async with database.engine.begin() as connection:
        await _lock(connection, database)
        current = await connection.run_sync(_revision)
        if current is not None and not _known(current):
            raise NewerSchema(
                f"The database is at revision {current}, which this release does not know. "
                "Run the newer release, or restore a backup."
            )
        await connection.run_sync(lambda sync: command.upgrade(_config(sync), target))


async def undo(database: Database, target: str = "base") -> None:
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda sync: command.downgrade(_config(sync), target))


async def check(database: Database) -> None:
    """Raises when the tables and the migrations disagree."""
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda sync: command.check(_config(sync)))


async def write_revision(database: Database, message: str, number: str) -> None:
    """A new migration file from what the tables say now."""
    async with database.engine.begin() as connection:
        await connection.run_sync(
            lambda sync: command.revision(
                _config(sync), message=message, rev_id=number, autogenerate=True
            )
        )


async def _lock(connection: AsyncConnection, database: Database) -> None:
    # SQLite holds its own: every writing transaction begins IMMEDIATE.
    if not database.is_sqlite:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _known(wanted: str) -> bool:
    revisions = ScriptDirectory.from_config(_config()).walk_revisions()
    return any(script.revision == wanted for script in revisions)
