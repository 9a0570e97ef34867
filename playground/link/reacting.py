from dataclasses import replace

from playground.link.events import Events
from playground.refusals import Refused
from playground.shapes import Json, Message, Reaction
from playground.workspace import Workspace


def add(space: Workspace, events: Events, message: Message, name: str, user: str) -> None:
    """`already_reacted` if this person has given this one."""
    given = {r.name: r.users for r in message.reactions}
    if user in given.get(name, ()):
        raise Refused("already_reacted")
    given[name] = (*given.get(name, ()), user)
    space.keep(_with(message, given))
    events.publish(_added(space, message, name, user))


def remove(space: Workspace, message: Message, name: str, user: str) -> None:
    given = {r.name: r.users for r in message.reactions}
    if user not in given.get(name, ()):
        raise Refused("no_reaction")
    given[name] = tuple(u for u in given[name] if u != user)
    space.keep(_with(message, given))


def _with(message: Message, given: dict[str, tuple[str, ...]]) -> Message:
    left = tuple(Reaction(name=name, users=users) for name, users in given.items() if users)
    return replace(message, reactions=left)


def _added(space: Workspace, message: Message, name: str, user: str) -> Json:
    return {
        "type": "reaction_added",
        "user": user,
        "reaction": name,
        "item": {"type": "message", "channel": message.channel, "ts": message.ts},
        "item_user": message.user,
        "event_ts": space.new_ts(),
    }
