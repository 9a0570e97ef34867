"""Messages that answer one person: to a command, or through a `response_url`."""

import secrets
import time
from dataclasses import replace

from playground.api import chat
from playground.api.arguments import Arguments
from playground.link.delivery import Answer
from playground.refusals import Refused
from playground.shapes import Channel, Json, Message, ResponseUrl
from playground.slack import Slack

MOST_USES = 5
SLACKBOT = "USLACKBOT"


def response_url(slack: Slack, user: str, channel: str, about: Message | None = None) -> str:
    """A path under which the bot may answer this person 5 times in 30 minutes."""
    token = secrets.token_urlsafe(18)
    slack.workspace.response_urls[token] = ResponseUrl(
        token=token,
        user=user,
        channel=channel,
        made=time.time(),
        message=about.ts if about else None,
        ephemeral=bool(about and about.only_for),
        thread_ts=about.thread_ts if about else None,
    )
    return f"/response/{token}"


def use(slack: Slack, token: str) -> ResponseUrl:
    found = slack.workspace.response_urls.get(token)
    if found is None or time.time() - found.made > slack.config.response_url_seconds:
        raise Refused("expired_url")
    if found.uses >= MOST_USES:
        raise Refused("used_url")
    slack.workspace.response_urls[token] = replace(found, uses=found.uses + 1)
    return found


def respond(slack: Slack, to: ResponseUrl, body: Json) -> Message | None:
    """Say what the body says, to this person only unless it says `in_channel`."""
    channel = slack.workspace.channels[to.channel]
    original = slack.workspace.find(to.channel, to.message, to.user) if to.message else None
    if body.get("delete_original") and original:
        _delete(slack, channel, original)
        return None
    args = Arguments(body)
    if args.flag("replace_original") and original:
        return _replace(slack, channel, original, args)
    return _say(slack, to, channel, args)


def _delete(slack: Slack, channel: Channel, original: Message) -> None:
    if original.only_for:
        slack.workspace.forget(original)
        return
    chat.erase(slack, channel, original)


def _replace(slack: Slack, channel: Channel, original: Message, args: Arguments) -> Message:
    after = chat.edited(slack, original, args)
    if "blocks" not in args:
        after = replace(after, blocks=())
    if original.only_for:
        return slack.workspace.keep(after)
    chat.change(slack, channel, original, after)
    return after


def _say(slack: Slack, to: ResponseUrl, channel: Channel, args: Arguments) -> Message:
    openly = args.maybe("response_type") == "in_channel"
    thread = args.maybe("thread_ts") or (None if openly else to.thread_ts)
    draft = chat.draft(slack, channel, args)
    said = replace(draft, only_for=None if openly else to.user, thread_ts=thread)
    return chat.say(slack, channel, said) if openly else slack.workspace.keep(said)


def whisper(slack: Slack, user: str, channel: str, text: str) -> Message:
    """Slackbot tells one person that something did not work."""
    ts = slack.workspace.new_ts()
    message = Message(channel=channel, ts=ts, text=text, user=SLACKBOT, only_for=user)
    return slack.workspace.keep(message)


def failure(answer: Answer) -> str:
    """Slack's word for what the person sees: the bot was late, or could not be reached."""
    return "operation_timeout" if answer.failure == "http_timeout" else "dispatch_failed"


def has_something_to_say(body: Json) -> bool:
    return bool(body.get("text") or body.get("blocks"))


def checked(slack: Slack, to: ResponseUrl, body: Json) -> None:
    """Say it, or tell the person what Slack refuses about it."""
    try:
        respond(slack, to, body)
    except Refused as refused:
        whisper(slack, to.user, to.channel, f"The app's answer was refused: {refused.error}")
