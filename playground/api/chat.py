from dataclasses import replace

from playground import rendered
from playground.api import content, places
from playground.api.arguments import Arguments
from playground.link import events
from playground.refusals import Refused
from playground.scopes import has
from playground.shapes import Channel, Json, Message
from playground.slack import Slack


def post_message(slack: Slack, args: Arguments) -> Json:
    channel = places.addressed(slack, args.text("channel"))
    slack.limits.count_post(channel.id)
    message = draft(slack, channel, args)
    _writable(slack, channel)
    message = _threaded(message, _thread(slack, channel, args), args)
    say(slack, channel, message)
    return {
        "channel": channel.id,
        "ts": message.ts,
        "message": rendered.message(message, slack.workspace),
    }


def say(slack: Slack, channel: Channel, message: Message) -> Message:
    """Post as the bot, and tell the bot of its own message as Slack does."""
    kept = slack.workspace.keep(message)
    slack.events.message(channel, events.said(channel, kept, slack.workspace.team.id))
    return kept


def _writable(slack: Slack, channel: Channel) -> None:
    """`chat:write.public` lets a bot post in public channels it is not in."""
    uninvited = channel.kind == "channel" and has(slack, "chat:write.public")
    if uninvited and slack.manifest and not channel.is_archived:
        return
    places.writable(slack, channel)


def draft(slack: Slack, channel: Channel, args: Arguments) -> Message:
    """What the bot wants to say, checked and not yet said."""
    blocks = content.blocks(args)
    text = content.text(args)
    if not text and not blocks:
        raise Refused("no_text")
    return Message(
        channel=channel.id,
        ts=slack.workspace.new_ts(),
        text=text,
        user=slack.workspace.bot.user_id,
        bot_id=slack.workspace.bot.bot_id,
        blocks=tuple(blocks or ()),
        metadata=content.metadata(args),
    )


def _thread(slack: Slack, channel: Channel, args: Arguments) -> str | None:
    """The parent's ts, also when the bot answers a reply. Slack starts no thread on nothing."""
    ts = args.maybe("thread_ts")
    if not ts:
        return None
    parent = slack.workspace.messages(channel.id).get(ts)
    if parent is None:
        raise Refused("thread_not_found")
    return parent.thread_ts or parent.ts


def _threaded(message: Message, parent: str | None, args: Arguments) -> Message:
    """With `reply_broadcast` a reply is shown in the channel as well."""
    openly = parent is not None and args.flag("reply_broadcast")
    subtype = "thread_broadcast" if openly else None
    return replace(message, thread_ts=parent, subtype=subtype)


def update(slack: Slack, args: Arguments) -> Json:
    channel, before = _own(slack, args, "cant_update_message")
    after = edited(slack, before, args)
    change(slack, channel, before, after)
    return {
        "channel": channel.id,
        "ts": after.ts,
        "text": after.text,
        "message": rendered.message(after, slack.workspace),
    }


def edited(slack: Slack, before: Message, args: Arguments) -> Message:
    """What is not sent stays as it was; an empty list or object takes it away."""
    blocks = content.blocks(args)
    text = content.text(args, content.LONGEST_UPDATE)
    if not text and blocks is None:
        raise Refused("no_text")
    return replace(
        before,
        text=text if "text" in args else before.text,
        blocks=before.blocks if blocks is None else tuple(blocks),
        metadata=content.metadata(args) if "metadata" in args else before.metadata,
        edited={"user": before.user, "ts": slack.workspace.new_ts()},
    )


def change(slack: Slack, channel: Channel, before: Message, after: Message) -> None:
    slack.workspace.keep(after)
    was, now = (rendered.message(m, slack.workspace) for m in (before, after))
    ts = slack.workspace.new_ts()
    slack.events.message(channel, events.changed(channel, was, now, ts))


def delete(slack: Slack, args: Arguments) -> Json:
    channel, message = _own(slack, args, "cant_delete_message")
    erase(slack, channel, message)
    return {"channel": channel.id, "ts": message.ts}


def erase(slack: Slack, channel: Channel, message: Message) -> None:
    """A parent with replies leaves a stone in its place."""
    was = rendered.message(message, slack.workspace)
    if slack.workspace.replies(message):
        slack.workspace.keep(_tombstone(message))
    else:
        slack.workspace.forget(message)
    ts = slack.workspace.new_ts()
    slack.events.message(channel, events.deleted(channel, was, ts))


def _tombstone(message: Message) -> Message:
    return Message(
        channel=message.channel,
        ts=message.ts,
        text="This message was deleted.",
        user="USLACKBOT",
        subtype="tombstone",
    )


def _own(slack: Slack, args: Arguments, error: str) -> tuple[Channel, Message]:
    channel = places.addressed(slack, args.text("channel"))
    message = places.message(slack, channel, args.text("ts"))
    if message.bot_id != slack.workspace.bot.bot_id:
        raise Refused(error)
    return channel, message


def post_ephemeral(slack: Slack, args: Arguments) -> Json:
    channel = places.writable(slack, places.addressed(slack, args.text("channel")))
    reader = args.text("user")
    if reader not in channel.members:
        raise Refused("user_not_in_channel")
    thread = args.maybe("thread_ts") or None
    message = replace(draft(slack, channel, args), only_for=reader, thread_ts=thread)
    slack.workspace.keep(message)
    return {"message_ts": message.ts}


def get_permalink(slack: Slack, args: Arguments) -> Json:
    channel = places.visible(slack, args.text("channel"))
    message = places.message(slack, channel, args.text("message_ts"))
    path = f"archives/{channel.id}/p{message.ts.replace('.', '')}"
    thread = f"?thread_ts={message.thread_ts}&cid={channel.id}" if message.is_reply else ""
    return {"channel": channel.id, "permalink": f"{args.maybe('_base')}{path}{thread}"}
