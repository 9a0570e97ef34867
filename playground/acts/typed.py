"""What a person types, as Slack passes it on."""

import re
from html import escape

from playground.shapes import Channel, Person
from playground.workspace import Workspace

# A name with its mark, or a mention that is one already.
NAMED = re.compile(r"(?<![\w<&])([@#])([\w.-]*\w)|<([@#])(\w+)(?:\|[^>]*)?>")


def escaped(space: Workspace, text: str, *, with_names: bool = True) -> str:
    """Names become ids, and `&`, `<`, `>` entities, so that nobody can forge a mention."""
    parts, at = [], 0
    for match in NAMED.finditer(text):
        mention = _mention(space, match, with_names=with_names)
        if mention:
            parts += [escape(text[at : match.start()], quote=False), mention]
            at = match.end()
    return "".join([*parts, escape(text[at:], quote=False)])


def _mention(space: Workspace, match: re.Match[str], *, with_names: bool) -> str | None:
    mark, name = match[1] or match[3], match[2] or match[4]
    if mark == "@":
        return _at(_person(space, name), with_names=with_names)
    return _hash(_channel(space, name))


def _at(person: Person | None, *, with_names: bool) -> str | None:
    if person is None:
        return None
    return f"<@{person.id}|{person.name}>" if with_names else f"<@{person.id}>"


def _hash(channel: Channel | None) -> str | None:
    """A private channel keeps its name to itself."""
    if channel is None:
        return None
    return f"<#{channel.id}|{'' if channel.is_private else channel.name}>"


def _person(space: Workspace, name: str) -> Person | None:
    found = (p for p in space.people if name == p.id or name.lower() == p.name.lower())
    return next(found, None)


def _channel(space: Workspace, name: str) -> Channel | None:
    found = (c for c in space.channels if not c.dm_with and name in {c.id, c.name})
    return next(found, None)
