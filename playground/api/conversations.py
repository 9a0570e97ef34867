from collections.abc import Iterable
from dataclasses import replace

from playground import rendered
from playground.api import places
from playground.api.arguments import Arguments
from playground.api.paging import page
from playground.link import joining
from playground.refusals import Refused, invalid
from playground.scopes import require
from playground.shapes import Channel, Json
from playground.slack import Slack

# Slack's `types` and the scope each needs.
TYPES = {
    "public_channel": ("channel", "channels:read"),
    "private_channel": ("group", "groups:read"),
    "im": ("im", "im:read"),
    "mpim": ("mpim", "mpim:read"),
}


def list_(slack: Slack, args: Arguments) -> Json:
    bot = slack.workspace.bot.user_id
    kinds = _kinds(slack, args)
    seen = [
        c
        for c in slack.workspace.channels
        if c.kind in kinds and (c.kind == "channel" or bot in c.members)
    ]
    return _channels(slack, seen, args)


def of_user(slack: Slack, args: Arguments) -> Json:
    """`users.conversations`: where this person, or the bot itself, is a member."""
    bot = slack.workspace.bot.user_id
    member = places.person(slack, args.maybe("user") or bot).id
    kinds = _kinds(slack, args)
    shared = [c for c in slack.workspace.channels if c.kind in kinds and member in c.members]
    visible = [c for c in shared if c.kind == "channel" or bot in c.members]
    return _channels(slack, visible, args)


def _kinds(slack: Slack, args: Arguments) -> set[str]:
    asked = (args.maybe("types") or "public_channel").split(",")
    if not set(asked) <= set(TYPES):
        raise invalid("invalid_types", asked)
    for name in asked:
        require(slack, TYPES[name][1])
    return {TYPES[name][0] for name in asked}


def _channels(slack: Slack, found: Iterable[Channel], args: Arguments) -> Json:
    open_ = [c for c in found if not (c.is_archived and args.flag("exclude_archived"))]
    shown, more = page(open_, args)
    channels = [rendered.channel(channel, slack.workspace) for channel in shown]
    return {"channels": channels, "response_metadata": more}


def info(slack: Slack, args: Arguments) -> Json:
    return {"channel": rendered.channel(places.read(slack, args, "read"), slack.workspace)}


def members(slack: Slack, args: Arguments) -> Json:
    shown, more = page(places.read(slack, args, "read").members, args)
    return {"members": shown, "response_metadata": more}


def open_(slack: Slack, args: Arguments) -> Json:
    """Direct messages with one person; the bot has no group messages."""
    if args.maybe("channel"):
        return _opened(slack, places.visible(slack, args.text("channel")), args)
    users = [user for user in args.maybe("users").split(",") if user]
    if not users:
        raise Refused("users_list_not_supplied")
    if len(users) > 1:
        require(slack, "mpim:write")
        raise Refused("method_not_supported_for_channel_type")
    return _opened(slack, _dm(slack, users[0]), args)


def _dm(slack: Slack, user: str) -> Channel:
    found = places.person(slack, user)
    if found.is_bot:
        raise Refused("cannot_dm_bot")
    if found.deleted:
        raise Refused("user_disabled")
    return slack.workspace.dm(found.id)


def _opened(slack: Slack, channel: Channel, args: Arguments) -> Json:
    if args.flag("return_im"):
        return {"channel": rendered.channel(channel, slack.workspace)}
    return {"channel": {"id": channel.id}}


def join(slack: Slack, args: Arguments) -> Json:
    channel = places.visible(slack, args.text("channel"))
    if channel.kind != "channel":
        raise Refused("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise Refused("is_archived")
    bot = slack.workspace.bot.user_id
    if bot in channel.members:
        return _joined(slack, channel) | {"warning": "already_in_channel"}
    channel = replace(channel, members=(*channel.members, bot))
    joining.admit(slack.workspace, slack.events, channel, [bot])
    return _joined(slack, channel)


def _joined(slack: Slack, channel: Channel) -> Json:
    return {"channel": rendered.channel(channel, slack.workspace)}
