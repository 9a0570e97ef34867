"""What a workspace holds. Everything is frozen; a change is a new value."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Team:
    id: str = "T0ACME"
    name: str = "Acme"
    domain: str = "acme"


@dataclass(frozen=True, kw_only=True)
class Bot:
    user_id: str = "U0BOT"
    bot_id: str = "B0BOT"
    app_id: str = "A0BOT"
    name: str = "budget-bot"


@dataclass(frozen=True, kw_only=True)
class Person:
    """`is_restricted` is a guest, `is_stranger` somebody from another company's Slack."""

    id: str
    name: str
    real_name: str = ""
    tz: str = "Etc/UTC"
    email: str = ""
    is_admin: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    is_bot: bool = False
    deleted: bool = False


@dataclass(frozen=True, kw_only=True)
class Channel:
    """`dm_with` is the person the bot's direct messages here are with, else None."""

    id: str
    name: str
    is_private: bool = False
    is_archived: bool = False
    members: tuple[str, ...] = ()
    dm_with: str | None = None

    @property
    def kind(self) -> str:
        """Slack's `channel_type`: the word in `message.<kind>` and in scope names."""
        if self.dm_with:
            return "im"
        return "group" if self.is_private else "channel"


@dataclass(frozen=True, kw_only=True)
class Reaction:
    name: str
    users: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Message:
    """`only_for` names the one reader of an ephemeral message. `edited` is Slack's user and ts."""

    channel: str
    ts: str
    text: str
    user: str
    bot_id: str | None = None
    blocks: tuple[Json, ...] = ()
    metadata: Json | None = None
    thread_ts: str | None = None
    reactions: tuple[Reaction, ...] = ()
    edited: Json | None = None
    subtype: str | None = None
    only_for: str | None = None

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def is_in_channel(self) -> bool:
        return not self.is_reply or self.subtype == "thread_broadcast"


@dataclass(frozen=True, kw_only=True)
class View:
    """A modal or a Home tab. `body` is what the bot sent; `values` is Slack's `state.values`."""

    id: str
    body: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    values: Json = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One person's open modals, the visible one last."""

    user: str
    views: tuple[View, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ResponseUrl:
    """What a `response_url` still allows. `message` is the ts it came from, if any."""

    token: str
    user: str
    channel: str
    made: float
    message: str | None = None
    ephemeral: bool = False
    thread_ts: str | None = None
    uses: int = 0
