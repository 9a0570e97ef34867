"""A local Slack with nobody in it but the bot, for what its outbox does there."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from slack_sdk.web.async_client import AsyncWebClient

from playground.config import Config
from playground.faults import Fault
from playground.server import create
from playground.shapes import Channel, Message, Person
from playground.slack import Slack
from tests.servers import Server

BOT = "U0BOT"
SCOPES = (
    "channels:history", "channels:join", "channels:read", "chat:write", "groups:history",
    "im:history", "im:write", "reactions:write",
)  # fmt: skip


class LocalSlack:
    def __init__(self, slack: Slack, url: str) -> None:
        self._slack, self.url = slack, url

    def client(self, **named: Any) -> AsyncWebClient:
        plain = {"token": "xoxb-playground", "base_url": f"{self.url}/api/", "retry_handlers": []}
        return AsyncWebClient(**plain | named)

    def has_channel(self, id: str, **named: Any) -> None:
        plain: dict[str, Any] = {"id": id, "name": id.lower(), "members": (BOT, "U0OWEN")}
        self._slack.workspace.channels[id] = Channel(**plain | named)

    def has_person(self, id: str, **named: Any) -> None:
        self._slack.workspace.people[id] = Person(id=id, name=id.lower(), **named)

    def fails(self, method: str, kind: str, **named: Any) -> None:
        """The next call of the method; `times=None` for every one."""
        self._slack.faults.calls.append(Fault(method=method, kind=kind, **{"times": 1} | named))

    def works_again(self) -> None:
        self._slack.faults.end()

    def may(self, *scopes: str) -> None:
        self._slack.manifest["oauth_config"]["scopes"]["bot"] = list(scopes)

    def messages(self, place: str) -> list[Message]:
        """Of a channel, or of the bot's DM with a person."""
        workspace = self._slack.workspace
        channel = workspace.dm(place).id if place.startswith("U") else place
        return list(workspace.messages(channel))

    def texts(self, place: str) -> list[str]:
        return [message.text for message in self.messages(place)]

    def says(self, channel: str, text: str) -> str:
        """A person writes; the ts of it."""
        ts = self._slack.workspace.new_ts()
        said = Message(channel=channel, ts=ts, text=text, user="U0OWEN")
        return self._slack.workspace.keep(said).ts

    def deletes(self, message: Message) -> None:
        self._slack.workspace.forget(message)

    def calls(self, method: str) -> list[dict[str, Any]]:
        return [call for call in self._slack.calls.all() if call["method"] == method]


@asynccontextmanager
async def local_slack(*, rate_limits: bool = False) -> AsyncIterator[LocalSlack]:
    manifest = {"oauth_config": {"scopes": {"bot": list(SCOPES)}}}
    seed = {
        "users": [{"id": user, "name": user.lower()} for user in ("U0OWEN", "U0ANA", "U0SAM")],
        "channels": [
            {"id": channel, "name": channel.lower(), "members": [BOT, "U0OWEN"]}
            for channel in ("C0SEARCH", "C0OPS")
        ],
    }
    app = create(Config(manifest=manifest, seed=seed, rate_limits=rate_limits))
    async with served(app) as url:
        yield LocalSlack(app.state.slack, url)


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """The application on a free port, for as long as the block lasts."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    server = Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
    running = asyncio.create_task(server.serve(sockets=[bound]))
    while not server.started:
        if running.done():
            await running
        await asyncio.sleep(0.005)
    yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    server.should_exit = True
    await running
