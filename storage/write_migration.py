"""`make migration ARGS="what changes"`: the next file of migrations/, from what the tables say."""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from storage.database import Database
from storage.schema import head, migrate, write_revision


async def write_migration(message: str) -> None:
    """What the tables say and the migrations so far do not."""
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'bot.db'}")
        await migrate(database)
        await write_revision(database, message, f"{int(head()) + 1:04}")
        await database.close()


if __name__ == "__main__":
    asyncio.run(write_migration(" ".join(sys.argv[1:])))
