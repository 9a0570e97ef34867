import asyncio
from dataclasses import asdict

from fastapi import APIRouter
from starlette.websockets import WebSocket

from playground.acts import commands, shortcuts, who
from playground.control import shown
from playground.shapes import Json
from playground.slack import Slack


def routes(slack: Slack) -> APIRouter:
    router = APIRouter(prefix="/control", tags=["what people see"])
    _messages(router, slack)
    _windows(router, slack)
    _everything(router, slack)
    return router


def _messages(router: APIRouter, slack: Slack) -> None:
    @router.get("/messages")
    async def messages(channel: str, thread_ts: str | None = None) -> list[Json]:
        """Of a channel, or of the bot's DM with a person; all of them, or one thread, in order."""
        place = who.channel(slack, channel)
        found = [
            m
            for m in slack.workspace.messages(place.id)
            if thread_ts is None or thread_ts in {m.ts, m.thread_ts}
        ]
        return [shown.message(slack, m) for m in found]

    @router.get("/ephemerals")
    async def ephemerals(user: str, channel: str | None = None) -> list[Json]:
        """What only this person sees."""
        place = channel and who.channel(slack, channel).id
        return shown.ephemerals(slack, user, place)

    @router.delete("/ephemerals")
    async def dismiss(user: str, ts: str) -> Json:
        """The person closes an ephemeral message."""
        found = slack.workspace.ephemerals.get(ts)
        if found and found.only_for == user:
            slack.workspace.forget(found)
        return {"dismissed": bool(found)}


def _windows(router: APIRouter, slack: Slack) -> None:
    @router.get("/views")
    async def views(user: str) -> list[Json | None]:
        """The person's open modals with their errors, the visible one last."""
        return shown.views(slack, user)

    @router.get("/home")
    async def home(user: str) -> Json:
        """What the bot has published in this person's App Home."""
        return {"view": shown.view(slack, slack.workspace.homes.get(user))}


def _everything(router: APIRouter, slack: Slack) -> None:
    @router.get("/state")
    async def state() -> Json:
        """People, channels, direct messages, what the manifest offers, open sockets of the bot."""
        space = slack.workspace
        places = [asdict(channel) for channel in space.channels]
        return {
            "team": asdict(space.team),
            "bot": asdict(space.bot),
            "users": [asdict(person) for person in space.people if not person.is_bot],
            "channels": [place for place in places if not place["dm_with"]],
            "dms": [place for place in places if place["dm_with"]],
            "commands": commands.commands(slack),
            "shortcuts": shortcuts.shortcuts(slack),
            "has_home": slack.has_home,
            "connections": slack.sockets.connections,
        }

    @router.websocket("/events")
    async def events(websocket: WebSocket) -> None:
        """What changes, as it changes: `kind` and the channel, ts or person it is about."""
        await websocket.accept()
        with slack.pulse.listening() as news:
            sending = asyncio.create_task(_tell(websocket, news))
            try:
                await _gone(websocket)
            finally:
                sending.cancel()


async def _tell(websocket: WebSocket, news: asyncio.Queue[Json]) -> None:
    while True:
        await websocket.send_json(await news.get())


async def _gone(websocket: WebSocket) -> None:
    """The page says nothing on its connection; this ends when the page goes."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass
