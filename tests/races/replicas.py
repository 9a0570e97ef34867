"""Two bots, each a process of its own, over one database and one local Slack."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx

from playground.config import Config
from playground.server import create
from playground.slack import Slack
from tests.delivery.local_slack import served
from tests.presses import Press, send

SECRET = "a-secret-of-the-races"
_POLL_SECONDS = 0.05
_START_SECONDS = 60


@dataclass(frozen=True)
class Replicas:
    slack: Slack
    doors: tuple[httpx.AsyncClient, ...]

    async def at_once(self, *presses: Press) -> None:
        """Each at a door of its own, at the same moment."""
        sent = zip(self.doors, presses, strict=True)
        answers = await asyncio.gather(*(send(door, press, SECRET) for door, press in sent))
        assert [one.status_code for one in answers] == [200] * len(presses)

    def whispers(self) -> list[str]:
        """What only one person was told, since it was asked last."""
        found = list(self.slack.workspace.ephemerals)
        for one in found:
            self.slack.workspace.forget(one)
        return [one.text for one in found]


@asynccontextmanager
async def replicas(database_url: str) -> AsyncIterator[Replicas]:
    app = create(Config(signing_secret=SECRET, rate_limits=False))
    async with AsyncExitStack() as stack:
        slack_url = await stack.enter_async_context(served(app))
        doors = [
            await stack.enter_async_context(_replica(database_url, slack_url)) for _ in range(2)
        ]
        yield Replicas(app.state.slack, tuple(doors))


@asynccontextmanager
async def _replica(database_url: str, slack_url: str) -> AsyncIterator[httpx.AsyncClient]:
    port = _free_port()
    given = {
        "DATABASE_URL": database_url,
        "SLACK_BOT_TOKEN": "xoxb-playground",
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": f"{slack_url}/api/",
        "ADMINS": '["U0SAM"]',
        "PORT": str(port),
        "LOG_FORMAT": "json",
    }
    environment = os.environ | {f"BUDGET_BOT_{name}": value for name, value in given.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from handlers.cli.app import app; app()",
        "serve",
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as door:
            await _ready(door, process)
            yield door
    finally:
        process.terminate()
        await process.wait()


async def _ready(door: httpx.AsyncClient, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(_START_SECONDS):
        while True:
            assert process.returncode is None, "a replica did not start"
            try:
                if (await door.get("/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(_POLL_SECONDS)


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port
