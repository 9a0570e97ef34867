"""The parts every payload shares: who did it, where, and for which app."""

from playground.acts.impossible import Impossible
from playground.shapes import Channel, Json, Message, Person
from playground.slack import Slack


def person(slack: Slack, id_: str) -> Person:
    found = slack.workspace.people.get(id_)
    if found is None:
        raise Impossible(f"nobody here has the id {id_}")
    if found.deleted:
        raise Impossible(f"{found.name} is deactivated")
    return found


def channel(slack: Slack, id_: str) -> Channel:
    """By channel id, or by a person's id for the bot's direct messages with them."""
    if id_ in slack.workspace.people:
        return slack.workspace.dm(id_)
    found = slack.workspace.channels.get(id_)
    if found is None:
        raise Impossible(f"no channel has the id {id_}")
    return found


def message(slack: Slack, place: Channel, ts: str, reader: str) -> Message:
    found = slack.workspace.find(place.id, ts, reader)
    if found is None:
        raise Impossible(f"no message {ts} in {place.id} that {reader} can see")
    return found


def common(slack: Slack, user: Person) -> Json:
    space = slack.workspace
    return {
        "user": {
            "id": user.id,
            "username": user.name,
            "name": user.name,
            "team_id": space.team.id,
        },
        "team": {"id": space.team.id, "domain": space.team.domain},
        "api_app_id": space.bot.app_id,
        "token": "playground",
        "enterprise": None,
        "is_enterprise_install": False,
    }


def place_name(place: Channel) -> str:
    """What Slack calls a channel in payloads; private ones keep their name to themselves."""
    names = {"im": "directmessage", "group": "privategroup"}
    return names.get(place.kind, place.name)
