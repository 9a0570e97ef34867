from storage.database import Database
from storage.schema import check, head, revision, undo


async def test_an_empty_database_is_brought_to_the_newest_schema(database: Database):
    assert await revision(database) == head()


async def test_tables_and_migrations_agree(database: Database):
    await check(database)


async def test_the_schema_can_be_taken_down_again(database: Database):
    await undo(database)

    assert await revision(database) is None
