from playground import rendered
from playground.acts import answers, who
from playground.acts.impossible import Impossible
from playground.link.delivery import Answer, Delivery
from playground.shapes import Channel, Json, Message
from playground.slack import Slack


async def use_global(slack: Slack, user: str, callback_id: str) -> Answer:
    _declared(slack, callback_id, "global")
    return await _send(slack, user, {"type": "shortcut", "callback_id": callback_id})


async def use_on_message(
    slack: Slack, user: str, callback_id: str, channel: str, ts: str
) -> Answer:
    _declared(slack, callback_id, "message")
    place = who.channel(slack, channel)
    message = who.message(slack, place, ts, user)
    about = _about(slack, user, place, message)
    return await _send(slack, user, {"type": "message_action", "callback_id": callback_id, **about})


def shortcuts(slack: Slack) -> list[Json]:
    """The manifest's shortcuts."""
    found: list[Json] = slack.manifest.get("features", {}).get("shortcuts", [])
    return found


def _declared(slack: Slack, callback_id: str, type_: str) -> None:
    known = {s["callback_id"] for s in shortcuts(slack) if s["type"] == type_}
    if slack.config.manifest is not None and callback_id not in known:
        raise Impossible(f"the manifest has no {type_} shortcut {callback_id}; it has {known}")


def _about(slack: Slack, user: str, place: Channel, message: Message) -> Json:
    url = answers.response_url(slack, user, place.id, message)
    return {
        "channel": {"id": place.id, "name": who.place_name(place)},
        "message": rendered.message(message, slack.workspace),
        "message_ts": message.ts,
        "response_url": slack.address.of(url),
    }


async def _send(slack: Slack, user: str, about: Json) -> Answer:
    person = who.person(slack, user)
    payload = {
        **who.common(slack, person),
        **about,
        "trigger_id": slack.triggers.make(person.id),
        "action_ts": slack.workspace.new_ts(),
    }
    return await slack.link.send(Delivery(kind="interactive", payload=payload))
