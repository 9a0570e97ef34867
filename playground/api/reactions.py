import re

from playground.api import places
from playground.api.arguments import Arguments
from playground.link import reacting
from playground.refusals import Refused
from playground.shapes import Json, Message
from playground.slack import Slack

NAME = re.compile(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?")


def add(slack: Slack, args: Arguments) -> Json:
    message, name = _asked(slack, args)
    reacting.add(slack.workspace, slack.events, message, name, slack.workspace.bot.user_id)
    return {}


def remove(slack: Slack, args: Arguments) -> Json:
    message, name = _asked(slack, args)
    reacting.remove(slack.workspace, message, name, slack.workspace.bot.user_id)
    return {}


def _asked(slack: Slack, args: Arguments) -> tuple[Message, str]:
    name = args.text("name").strip(":")
    if not NAME.fullmatch(name):
        raise Refused("invalid_name")
    channel = places.writable(slack, places.visible(slack, args.text("channel")))
    return places.message(slack, channel, args.text("timestamp")), name
