import asyncio
import secrets
import time
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from playground.config import Config
from playground.faults import Faults
from playground.link.delivery import Answer, Delivery, Link
from playground.shapes import Channel, Json, Message
from playground.workspace import Workspace

# How long a reordered event waits for another one to overtake it.
OVERTAKING_SECONDS = 0.5


class Events:
    """Tells the bot what happens in the workspace, one event after the other, with retries."""

    def __init__(self, config: Config, workspace: Workspace, link: Link, faults: Faults) -> None:
        self._config, self._workspace, self._link, self._faults = config, workspace, link, faults
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._overtaken: asyncio.Event | None = None

    def publish(self, event: Json) -> asyncio.Task[Answer] | None:
        """Deliver the event; the task ends with the bot's first answer. None: not subscribed."""
        if not self._subscribed(event):
            return None
        return self._background(self._deliver(self._envelope(event)))

    def message(self, channel: Channel, event: Json) -> list[asyncio.Task[Answer]]:
        """A `message` event, and an `app_mention` if the bot is named in a channel."""
        if self._workspace.bot.user_id not in channel.members:
            return []
        named = f"<@{self._workspace.bot.user_id}>" in event.get("text", "")
        events = [event]
        if named and not channel.dm_with and "subtype" not in event and not event.get("bot_id"):
            events.append(_mention(event))
        return [task for task in map(self.publish, events) if task]

    async def close(self) -> None:
        """Give up what is still on its way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _subscribed(self, event: Json) -> bool:
        if self._config.manifest is None:
            return True
        settings = self._config.manifest.get("settings", {})
        return _name(event) in settings.get("event_subscriptions", {}).get("bot_events", [])

    def _background(self, work: Coroutine[Any, Any, Answer]) -> asyncio.Task[Answer]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _deliver(self, payload: Json) -> Answer:
        fault = self._faults.next_event()
        if fault.reorder:
            await self._be_overtaken()
        delivery = Delivery(kind="events_api", payload=payload)
        async with self._turn:
            answer = await self._link.send(delivery)
            await self._repeat(delivery, fault.repeat)
        self._let_go(unless=fault.reorder)
        if not answer.ok and not answer.no_retry:
            self._background(self._retry(delivery, answer))
        return answer

    async def _repeat(self, delivery: Delivery, copies: int) -> None:
        for number in range(1, copies + 1):
            again = replace(delivery, retry=number, retry_reason="http_timeout")
            await self._link.send(again)

    async def _be_overtaken(self) -> None:
        self._overtaken = self._overtaken or asyncio.Event()
        try:
            await asyncio.wait_for(self._overtaken.wait(), OVERTAKING_SECONDS)
        except TimeoutError:
            self._overtaken = None

    def _let_go(self, *, unless: bool) -> None:
        if self._overtaken and not unless:
            self._overtaken.set()
            self._overtaken = None

    async def _retry(self, delivery: Delivery, answer: Answer) -> Answer:
        for number, delay in enumerate(self._config.retry_delays, start=1):
            await asyncio.sleep(delay)
            again = replace(delivery, retry=number, retry_reason=answer.failure)
            answer = await self._link.send(again)
            if answer.ok or answer.no_retry:
                break
        return answer

    def _envelope(self, event: Json) -> Json:
        space = self._workspace
        return {
            "token": "playground",
            "team_id": space.team.id,
            "context_team_id": space.team.id,
            "api_app_id": space.bot.app_id,
            "type": "event_callback",
            "event_id": f"Ev{secrets.token_hex(5).upper()}",
            "event_time": int(time.time()),
            "event": event,
            "authorizations": [_authorization(space)],
            "is_ext_shared_channel": False,
            "event_context": f"4-{secrets.token_hex(8)}",
        }


def _authorization(space: Workspace) -> Json:
    return {
        "enterprise_id": None,
        "team_id": space.team.id,
        "user_id": space.bot.user_id,
        "is_bot": True,
        "is_enterprise_install": False,
    }


def _name(event: Json) -> str:
    """As a manifest subscribes to it."""
    if event["type"] != "message":
        return str(event["type"])
    kinds = {"channel": "channels", "group": "groups", "im": "im"}
    return f"message.{kinds[event['channel_type']]}"


def _mention(event: Json) -> Json:
    return {k: v for k, v in event.items() if k != "channel_type"} | {"type": "app_mention"}


def said(channel: Channel, message: Message, team: str) -> Json:
    """A new message as an event."""
    event: Json = {
        "type": "message",
        "user": message.user,
        "text": message.text,
        "ts": message.ts,
        "team": team,
        "channel": channel.id,
        "channel_type": channel.kind,
        "event_ts": message.ts,
    }
    names = ("thread_ts", "bot_id", "subtype")
    extras = {name: getattr(message, name) for name in names}
    event |= {name: value for name, value in extras.items() if value}
    return event | ({"blocks": list(message.blocks)} if message.blocks else {})


def changed(channel: Channel, before: Json, after: Json, ts: str) -> Json:
    """An edited message as an event (`subtype: message_changed`)."""
    edit = {"message": after, "previous_message": before}
    return _about(channel, ts) | edit | {"subtype": "message_changed"}


def deleted(channel: Channel, before: Json, ts: str) -> Json:
    gone = {"previous_message": before, "deleted_ts": before["ts"]}
    return _about(channel, ts) | gone | {"subtype": "message_deleted"}


def _about(channel: Channel, ts: str) -> Json:
    return {
        "type": "message",
        "hidden": True,
        "channel": channel.id,
        "channel_type": channel.kind,
        "ts": ts,
        "event_ts": ts,
    }
