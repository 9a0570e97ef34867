"""Finding the channel a call names, and whether the bot may act in it."""

from playground.api.arguments import Arguments
from playground.refusals import Refused
from playground.scopes import require
from playground.shapes import Channel, Message, Person
from playground.slack import Slack

# The word in scope names for each kind of conversation.
SCOPE_WORDS = {"channel": "channels", "group": "groups", "im": "im"}


def person(slack: Slack, id_: str) -> Person:
    found = slack.workspace.people.get(id_)
    if found is None:
        raise Refused("user_not_found")
    return found


def visible(slack: Slack, id_: str) -> Channel:
    """By id; private channels the bot is not in do not exist for it."""
    found = slack.workspace.channels.get(id_)
    if found is None:
        raise Refused("channel_not_found")
    if found.is_private and slack.workspace.bot.user_id not in found.members:
        raise Refused("channel_not_found")
    return found


def read(slack: Slack, args: Arguments, right: str) -> Channel:
    """For a method that needs `channels:<right>`, `groups:<right>` or `im:<right>`."""
    found = visible(slack, args.text("channel"))
    require(slack, f"{SCOPE_WORDS[found.kind]}:{right}")
    return found


def joined(slack: Slack, channel: Channel) -> Channel:
    if slack.workspace.bot.user_id not in channel.members:
        raise Refused("not_in_channel")
    return channel


def addressed(slack: Slack, id_: str) -> Channel:
    """Where a message goes: a channel id, a #name, or a person (whose DM is opened)."""
    if id_.startswith(("U", "W")):
        if id_ not in slack.workspace.people:
            raise Refused("channel_not_found")
        return slack.workspace.dm(id_)
    named = [c for c in slack.workspace.channels if c.name == id_.removeprefix("#")]
    return visible(slack, named[0].id if named and not named[0].dm_with else id_)


def writable(slack: Slack, channel: Channel) -> Channel:
    if channel.is_archived:
        raise Refused("is_archived")
    return joined(slack, channel)


def message(slack: Slack, channel: Channel, ts: str) -> Message:
    found = slack.workspace.messages(channel.id).get(ts)
    if found is None:
        raise Refused("message_not_found")
    return found
