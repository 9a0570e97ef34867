import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec

from playground.shapes import (
    Bot,
    Channel,
    Json,
    Message,
    Person,
    ResponseUrl,
    Stack,
    Team,
    View,
)
from playground.store import Shelf, Store
from playground.timeline import Timeline

Told = Callable[[Json], None]


class Workspace:
    """People, channels, messages and open windows; tells `told` what changed."""

    def __init__(self, seed: dict[str, Any], store: Store, told: Told) -> None:
        self._seed, self._store, self._told = seed, store, told
        self.team = Team(**seed.get("team", {}))
        self.bot = Bot(**seed.get("bot", {}))
        self._latest = 0
        self._open()

    def _open(self) -> None:
        shelf = self._store
        self.people = Shelf(shelf, "person", Person)
        self.channels = Shelf(shelf, "channel", Channel)
        self.stacks = Shelf(shelf, "stack", Stack)
        self.homes = Shelf(shelf, "home", View)
        self.response_urls = Shelf(shelf, "response_url", ResponseUrl)
        self.ephemerals = Shelf(shelf, "ephemeral", Message)
        self._timelines: dict[str, Timeline] = {}
        if not len(self.people):
            self._plant()

    def _plant(self) -> None:
        self.people[self.bot.user_id] = _bot_person(self.bot)
        for person in self._seed.get("users", []):
            self.people[person["id"]] = msgspec.convert(person, Person)
        for channel in self._seed.get("channels", []):
            self.channels[channel["id"]] = msgspec.convert(channel, Channel)

    def reset(self) -> None:
        """Everything as the seed has it."""
        self._store.clear()
        self._open()
        self.tell("reset")

    def tell(self, kind: str, **about: object) -> None:
        self._told({"kind": kind, **about})

    def new_ts(self) -> str:
        """Seconds and microseconds of now, later than every one before."""
        self._latest = max(time.time_ns() // 1000, self._latest + 1)
        return f"{self._latest // 1_000_000}.{self._latest % 1_000_000:06d}"

    def messages(self, channel: str) -> Timeline:
        if channel not in self._timelines:
            self._timelines[channel] = Timeline(self._store, channel)
        return self._timelines[channel]

    def dm(self, user: str) -> Channel:
        """The bot's direct messages with this person, opened if need be."""
        id_ = f"D{user[1:]}"
        found = self.channels.get(id_)
        if found:
            return found
        members = (user, self.bot.user_id)
        self.channels[id_] = Channel(id=id_, name=user, members=members, dm_with=user)
        self.tell("channel", channel=id_, user=user)
        return self.channels[id_]

    def keep(self, message: Message) -> Message:
        """Add the message, or put this in its place."""
        if message.only_for:
            self.ephemerals[message.ts] = message
        else:
            self.messages(message.channel).keep(message)
        self.tell("message", channel=message.channel, ts=message.ts, user=message.only_for)
        return message

    def forget(self, message: Message) -> None:
        if message.only_for:
            self.ephemerals.drop(message.ts)
        else:
            self.messages(message.channel).drop(message)
        self.tell("message", channel=message.channel, ts=message.ts, user=message.only_for)

    def find(self, channel: str, ts: str, reader: str | None = None) -> Message | None:
        """The message, or the ephemeral one if it was for this reader."""
        ephemeral = self.ephemerals.get(ts)
        if ephemeral and ephemeral.only_for == reader and ephemeral.channel == channel:
            return ephemeral
        return self.messages(channel).get(ts)

    def replies(self, message: Message) -> list[Message]:
        return self.messages(message.channel).replies(message.ts)

    def stack(self, user: str) -> Stack:
        return self.stacks.get(user) or Stack(user=user)

    def show(self, stack: Stack) -> None:
        self.stacks[stack.user] = stack
        self.tell("views", user=stack.user)

    def keep_view(self, user: str, view: View) -> None:
        """Put this in the place of the open modal with the same id."""
        stack = self.stack(user)
        views = tuple(view if v.id == view.id else v for v in stack.views)
        self.show(replace(stack, views=views))


def _bot_person(bot: Bot) -> Person:
    return Person(id=bot.user_id, name=bot.name, real_name=bot.name, is_bot=True)
