from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Column, Connection, MetaData, Table

from storage.database import Database
from storage.schema import check, head, migrate, revision, undo

FIRST = "0001"
# What its one record adds up to.
HOUR = {"assumed": 0, "cached_tokens": 2, "unmetered": 0}
VALUES: dict[type, Any] = {str: "x", int: 1, bool: True, date: date(2026, 11, 23)}
Rows = dict[str, list[dict[str, Any]]]


async def test_an_empty_database_is_brought_to_the_newest_schema(database: Database):
    assert await revision(database) == head()


async def test_tables_and_migrations_agree(database: Database):
    await check(database)


async def test_the_schema_can_be_taken_down_again(database: Database):
    await undo(database)

    assert await revision(database) is None


@pytest.fixture(params=["sqlite", "postgres"])
async def released(
    request: pytest.FixtureRequest, tmp_path: Path, postgres_url: Callable[..., str]
) -> AsyncIterator[Database]:
    """What the first release left behind, with a row in every table."""
    database = Database(
        f"sqlite:///{tmp_path / 'bot.db'}" if request.param == "sqlite" else postgres_url()
    )
    await migrate(database, FIRST)
    await within(database, fill)
    yield database
    await database.close()


async def test_every_row_of_the_first_release_survives_an_upgrade_and_the_way_back(released):
    before = await within(released, rows)
    assert all(before.values())

    await migrate(released)
    upgraded = await within(released, rows)
    await within(released, fill)
    every = await within(released, rows)
    await undo(released, FIRST)

    assert upgraded.keys() > before.keys()
    for table in ("usage", "usage_hours", "source_accounts", "source_workflows"):
        assert [row["account"] for row in upgraded[table]] == ["x"]
    assert {name: kept(upgraded[name], before[name]) for name in before} == before
    assert all(every.values())
    assert await within(released, rows) == before


async def test_an_upgraded_database_is_like_a_new_one(released):
    await migrate(released)

    await check(released)


def kept(now: list[dict[str, Any]], before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of the rows of now, the columns there were."""
    return [{name: row[name] for name in before[0]} for row in now]


async def within(database: Database, act: Callable[[Connection], Any]) -> Any:
    async with database.engine.begin() as connection:
        return await connection.run_sync(act)


def tables(connection: Connection) -> list[Table]:
    seen = MetaData()
    seen.reflect(connection)
    return [table for table in seen.sorted_tables if table.name != "alembic_version"]


def rows(connection: Connection) -> Rows:
    return {
        table.name: [dict(row) for row in connection.execute(table.select()).mappings()]
        for table in tables(connection)
    }


def fill(connection: Connection) -> None:
    """A row in every table that holds none."""
    for table in tables(connection):
        if connection.execute(table.select()).first() is None:
            row = {one.name: value(one) for one in table.c}
            summed = HOUR if table.name == "usage_hours" else {}
            connection.execute(table.insert().values(row | summed))


def value(column: Column[Any]) -> Any:
    return [] if isinstance(column.type, JSON) else VALUES[column.type.python_type]
