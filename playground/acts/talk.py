import asyncio

from playground.acts import typed, who
from playground.acts.impossible import Impossible
from playground.link import events, reacting
from playground.refusals import Refused
from playground.shapes import Channel, Message
from playground.slack import Slack


async def say(
    slack: Slack, user: str, channel: str, text: str, thread_ts: str | None = None
) -> Message:
    """Post as a person; returns when the bot has answered the events this causes."""
    person, place = who.person(slack, user), who.channel(slack, channel)
    _may_write(place, person.id)
    message = Message(
        channel=place.id,
        ts=slack.workspace.new_ts(),
        text=typed.escaped(slack.workspace, text, with_names=False),
        user=person.id,
        thread_ts=_parent(slack, place, thread_ts),
    )
    slack.workspace.keep(message)
    event = events.said(place, message, slack.workspace.team.id)
    await asyncio.gather(*slack.events.message(place, event))
    return message


async def react(slack: Slack, user: str, channel: str, ts: str, name: str) -> None:
    """Give a reaction, or take one's own back."""
    person, place = who.person(slack, user), who.channel(slack, channel)
    message = who.message(slack, place, ts, person.id)
    try:
        reacting.add(slack.workspace, slack.events, message, name, person.id)
    except Refused:
        reacting.remove(slack.workspace, message, name, person.id)


async def open_home(slack: Slack, user: str) -> None:
    """Open the bot's App Home; the bot hears of it and may publish a view."""
    person = who.person(slack, user)
    place = slack.workspace.dm(person.id)
    task = slack.events.publish(
        {
            "type": "app_home_opened",
            "user": person.id,
            "channel": place.id,
            "tab": "home",
            "event_ts": slack.workspace.new_ts(),
        }
    )
    if task:
        await task


def _may_write(place: Channel, user: str) -> None:
    if place.is_archived:
        raise Impossible(f"#{place.name} is archived")
    if user not in place.members:
        raise Impossible(f"{user} is not in {place.id}")


def _parent(slack: Slack, place: Channel, ts: str | None) -> str | None:
    if not ts:
        return None
    message = slack.workspace.messages(place.id).get(ts)
    if message is None:
        raise Impossible(f"no message {ts} in {place.id} to reply to")
    return message.thread_ts or message.ts
