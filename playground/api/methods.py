"""Every method: what does it, the scope it needs, and Slack's rate-limit tier (5: special)."""

from collections.abc import Callable
from dataclasses import dataclass

from playground.api import chat, connections, conversations, history, reactions, users, views
from playground.api.arguments import Arguments
from playground.shapes import Json
from playground.slack import Slack


@dataclass(frozen=True)
class Method:
    """`scope` is empty where none is needed or where it depends on the kind of channel."""

    do: Callable[[Slack, Arguments], Json]
    tier: int
    scope: str = ""
    token: str = "bot"  # noqa: S105 - a kind of token


METHODS = {
    "auth.test": Method(connections.auth_test, 5),
    "blocks.validate": Method(connections.validate_blocks, 5, token="any"),  # noqa: S106
    "apps.connections.open": Method(connections.open_connection, 3, token="app"),  # noqa: S106
    "chat.postMessage": Method(chat.post_message, 5, "chat:write"),
    "chat.update": Method(chat.update, 3, "chat:write"),
    "chat.delete": Method(chat.delete, 3, "chat:write"),
    "chat.postEphemeral": Method(chat.post_ephemeral, 4, "chat:write"),
    "chat.getPermalink": Method(chat.get_permalink, 5),
    "conversations.list": Method(conversations.list_, 2),
    "conversations.info": Method(conversations.info, 3),
    "conversations.members": Method(conversations.members, 4),
    "conversations.open": Method(conversations.open_, 3, "im:write"),
    "conversations.join": Method(conversations.join, 3, "channels:join"),
    "conversations.history": Method(history.history, 3),
    "conversations.replies": Method(history.replies, 3),
    "users.info": Method(users.info, 4, "users:read"),
    "users.list": Method(users.list_, 2, "users:read"),
    "users.lookupByEmail": Method(users.lookup_by_email, 3, "users:read.email"),
    "users.conversations": Method(conversations.of_user, 3),
    "views.open": Method(views.open_, 4),
    "views.push": Method(views.push, 4),
    "views.update": Method(views.update, 4),
    "views.publish": Method(views.publish, 4),
    "reactions.add": Method(reactions.add, 3, "reactions:write"),
    "reactions.remove": Method(reactions.remove, 2, "reactions:write"),
}
