from collections.abc import Iterable

from playground import rendered
from playground.link.events import Events
from playground.shapes import Channel, Person
from playground.workspace import Workspace


def admit(space: Workspace, events: Events, channel: Channel, newcomers: Iterable[str]) -> None:
    """Keep the channel as it now is; the bot, if in it, hears of each newcomer."""
    space.channels[channel.id] = channel
    space.tell("channel", channel=channel.id)
    if space.bot.user_id not in channel.members:
        return
    for user in newcomers:
        events.publish(_joined(space, channel, user))


async def account_changed(space: Workspace, events: Events, person: Person) -> None:
    """The bot hears what an account is now, and has heard it when this returns."""
    told = events.publish(
        {
            "type": "user_change",
            "user": rendered.user(person, space, with_email=False),
            "event_ts": space.new_ts(),
        }
    )
    if told is not None:
        await told


def _joined(space: Workspace, channel: Channel, user: str) -> dict[str, str]:
    return {
        "type": "member_joined_channel",
        "user": user,
        "channel": channel.id,
        "channel_type": "G" if channel.is_private else "C",
        "team": space.team.id,
        "event_ts": space.new_ts(),
    }
