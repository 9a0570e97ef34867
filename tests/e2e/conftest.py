import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from bot.policy import Policy, WeeklyMoment
from bot.workflows import Workflow
from handlers.clock import tick
from handlers.main import Bot, build
from handlers.settings import Settings
from playground.config import Config, read_manifest
from playground.server import create
from storage.database import Database
from tests.builders import a_team, a_workflow, an_organisation
from tests.e2e.people import Workspace
from tests.servers import NO_TLS, Server

MANIFEST = read_manifest(Path(__file__).parents[2] / "app.yaml")
KEY = "a-machine-of-ours"


def a_socket() -> socket.socket:
    """Bound to a free port, so that both sides can know it before either listens."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound


def address(bound: socket.socket) -> str:
    return f"http://127.0.0.1:{bound.getsockname()[1]}"


@asynccontextmanager
async def served(app: Any, bound: socket.socket) -> AsyncIterator[str]:
    """The application at the socket's address, for as long as the block lasts."""
    server = Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
    running = asyncio.create_task(server.serve(sockets=[bound]))
    while not server.started:
        if running.done():
            await running
        await asyncio.sleep(0.005)
    yield address(bound)
    server.should_exit = True
    await running


def settings(
    playground: str, config: Config, database: Database, *, socket_mode: bool = False
) -> Settings:
    return Settings(
        database_url=str(database.url.render_as_string(hide_password=False)),
        slack_bot_token=config.bot_token,
        slack_signing_secret=None if socket_mode else config.signing_secret,
        slack_app_token=config.app_token if socket_mode else None,
        slack_api_url=f"{playground}/api/",
        api_keys={"gateway": KEY},
        admins=["U0SAM"],
        log_format="json",
    )


# The last minute of a week: a weekly review opens only in journeys that ask for one.
NO_REVIEW = Policy(timezone="Europe/Berlin", review_at=WeeklyMoment(6, time(23, 59)))
# Nor is anything so unusual that it is said beside an alert.
ALERTS_ONLY = replace(NO_REVIEW, anomaly_over=Decimal(1_000_000))


async def moved_in(database: Database, *workflows: Workflow, policy: Policy = NO_REVIEW) -> None:
    """An organisation with one team and its workflows."""
    async with database.ledger() as ledger:
        await ledger.organisation.save(an_organisation(policy=policy))
        await ledger.teams.save(a_team())
        for workflow in workflows or (a_workflow(),):
            await ledger.workflows.add(workflow)


@pytest.fixture
async def workspace(database: Database) -> AsyncIterator[Workspace]:
    """A playground and a bot that know each other; the bot's own work is moved by `settle`."""
    async with a_workspace(database) as people:
        yield people


@pytest.fixture
async def workspace_by_socket(database: Database) -> AsyncIterator[Workspace]:
    """The same, but Slack has no address to post to: everything comes by Socket Mode."""
    async with a_workspace(database, socket_mode=True) as people:
        while not (await people.see("state"))["connections"]:
            await asyncio.sleep(0.02)
        yield people


@asynccontextmanager
async def a_workspace(database: Database, *, socket_mode: bool = False) -> AsyncIterator[Workspace]:
    door = a_socket()
    config = Config(
        manifest=deepcopy(MANIFEST),
        rate_limits=False,
        bot_url=f"{address(door)}/slack/events",
        socket_mode=socket_mode,
        # How fast this machine is just now is no business of a journey's.
        trigger_seconds=60.0,
        ack_seconds=30.0,
    )
    async with served(create(config), a_socket()) as slack_url:
        given = settings(slack_url, config, database, socket_mode=socket_mode)
        bot = build(given, database, background=False)
        async with served(bot.app, door) as bot_url, _people(slack_url, bot_url, bot) as people:
            yield people


@asynccontextmanager
async def _people(slack_url: str, bot_url: str, bot: Bot) -> AsyncIterator[Workspace]:
    async def settle() -> None:
        await tick(bot.desk)
        await bot.deliver()

    async with (
        httpx.AsyncClient(base_url=slack_url, timeout=30, verify=NO_TLS) as control,
        httpx.AsyncClient(base_url=bot_url, timeout=30, verify=NO_TLS) as door,
    ):
        yield Workspace(control, door, settle)
