"""A playground that is running, and the ways to speak to it."""

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from playground.config import Config
from playground.server import create
from tests.playground.receiver import Receiver
from tests.servers import NO_TLS, Server

SECRET = "a-secret-of-ours"
TOKEN = "xoxb-playground"


@dataclass
class Town:
    url: str
    bot: Receiver
    http: httpx.AsyncClient
    web: AsyncWebClient

    async def does(self, path: str, **what: Any) -> Any:
        reply = await self.http.post(f"/control/{path}", json=what)
        assert reply.is_success, reply.text
        return reply.json()

    async def sees(self, path: str, **query: Any) -> Any:
        reply = await self.http.get(f"/control/{path}", params=query)
        assert reply.is_success, reply.text
        return reply.json()

    async def error(self, method: str, **arguments: Any) -> str:
        """Slack's name for what is wrong with this call; nothing if it is well."""
        return str((await self.answer(method, **arguments)).get("error", ""))

    async def answer(self, method: str, **arguments: Any) -> Any:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        reply = await self.http.post(f"/api/{method}", json=arguments, headers=headers)
        return reply.json()

    async def posts(self, **message: Any) -> Any:
        """The bot posts in #search; the message's ts."""
        answer = await self.answer("chat.postMessage", **{"channel": "C0SEARCH", **message})
        assert answer["ok"], answer
        return answer["ts"]

    async def trigger(self, user: str = "U0OWEN") -> str:
        """A fresh trigger_id, as a slash command brings it."""
        await self.does("command", user=user, channel="C0SEARCH", text="/budget")
        return str(self.bot.last()["trigger_id"])

    async def opens(self, view: Any, user: str = "U0OWEN") -> Any:
        answer = await self.answer("views.open", trigger_id=await self.trigger(user), view=view)
        assert answer["ok"], answer
        return answer["view"]


@asynccontextmanager
async def serving(app: Any):
    """On a free local port, in this loop; the base address."""
    config = uvicorn.Config(app, port=0, log_level="warning", timeout_graceful_shutdown=1)
    server = Server(config)
    task = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


PLAIN: dict[str, Any] = {"rate_limits": False, "retry_delays": (), "ack_seconds": 0.5}


@asynccontextmanager
async def town(**config: Any):
    """A playground with these settings, and a receiver in the bot's place."""
    bot = Receiver()
    async with serving(bot.app()) as address:
        plain = {**PLAIN, "bot_url": f"{address}/slack/events", "signing_secret": SECRET}
        async with serving(create(Config(**{**plain, **config}))) as url, visiting(url, bot) as one:
            yield one


@asynccontextmanager
async def visiting(url: str, bot: Receiver):
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=20, verify=NO_TLS) as http:
        yield Town(url, bot, http, AsyncWebClient(TOKEN, base_url=f"{url}/api/", timeout=1))


async def eventually(condition: Any, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        await asyncio.sleep(0.005)


async def refused(call: Any) -> Any:
    """The answer of a call that Slack turns away."""
    try:
        await call
    except SlackApiError as error:
        return error.response
    raise AssertionError("Slack did not refuse")
