from dataclasses import dataclass, replace
from typing import Any

from playground import forms, rendered
from playground.acts import answers, filling, who
from playground.acts.impossible import Impossible
from playground.link.delivery import Answer, Delivery
from playground.shapes import Channel, Json, Message, Person, View
from playground.slack import Slack


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which button or menu is meant, and what is chosen in it.

    `label` is the visible text, or its beginning. A forged click sends just this `action_id`,
    `block_id` and `value`, whatever the message shows, and can claim another channel.
    """

    action_id: str | None = None
    block_id: str | None = None
    label: str | None = None
    value: str | None = None
    option: Any = None
    forge: bool = False
    from_channel: str | None = None


async def click_message(slack: Slack, user: str, channel: str, ts: str, wanted: Wanted) -> Answer:
    person, place = who.person(slack, user), who.channel(slack, channel)
    message = who.message(slack, place, ts, person.id)
    action = _action(slack, list(message.blocks), wanted)
    url = slack.address.of(answers.response_url(slack, user, place.id, message))
    claimed = who.channel(slack, wanted.from_channel) if wanted.from_channel else place
    payload = _about_message(slack, claimed, message) | {"response_url": url}
    payload["state"] = {"values": _state(forms.first_values(message.blocks), action)}
    answer = await _send(slack, person, payload, action)
    if not answer.ok:
        text = f"That did not work: {answers.failure(answer)}"
        answers.whisper(slack, person.id, place.id, text)
    return answer


async def click_view(slack: Slack, user: str, view: View, wanted: Wanted) -> Answer:
    """In a modal or a Home tab."""
    person = who.person(slack, user)
    action = _action(slack, view.body["blocks"], wanted)
    view = replace(view, values=_state(view.values, action))
    _keep(slack, person.id, view)
    shown = rendered.view(view, slack.workspace)
    container = {"type": "view", "view_id": view.id}
    return await _send(slack, person, {"view": shown, "container": container}, action, view.id)


def _keep(slack: Slack, user: str, view: View) -> None:
    if view.body["type"] == "home":
        slack.workspace.homes[user] = view
        return
    slack.workspace.keep_view(user, view)


async def _send(
    slack: Slack, person: Person, about: Json, action: Json, view: str | None = None
) -> Answer:
    payload = {
        "type": "block_actions",
        **who.common(slack, person),
        "trigger_id": slack.triggers.make(person.id, view),
        **about,
        "actions": [action | {"action_ts": slack.workspace.new_ts()}],
    }
    return await slack.link.send(Delivery(kind="interactive", payload=payload))


def _about_message(slack: Slack, place: Channel, message: Message) -> Json:
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": place.id,
        "is_ephemeral": message.only_for is not None,
    }
    if message.is_reply:
        container["thread_ts"] = message.thread_ts
    about: Json = {
        "container": container,
        "channel": {"id": place.id, "name": who.place_name(place)},
    }
    if message.only_for is None:
        about["message"] = rendered.message(message, slack.workspace)
    return about


def _action(slack: Slack, blocks: list[Json], wanted: Wanted) -> Json:
    found = [pair for pair in _acting(blocks) if _fits(*pair, wanted)]
    exact = [pair for pair in found if _text(pair[1]) == wanted.label]
    if wanted.forge:
        return _forged(wanted)
    if not found:
        raise Impossible(f"nothing to click that fits {wanted}; there is {_labels(blocks)}")
    return _done(slack, *(exact or found)[0], wanted)


def _acting(blocks: list[Json]) -> list[tuple[Json, Json]]:
    return [(block, element) for block in blocks for element in forms.elements(block)]


def _labels(blocks: list[Json]) -> list[str]:
    return [_text(element) or element["action_id"] for _, element in _acting(blocks)]


def _text(element: Json) -> str:
    named: Json = element.get("text") or element.get("placeholder") or {}
    return str(named.get("text", ""))


def _fits(block: Json, element: Json, wanted: Wanted) -> bool:
    sought = [
        (wanted.action_id, element.get("action_id")),
        (wanted.block_id, block.get("block_id")),
        (wanted.value if element["type"] == "button" else None, element.get("value")),
    ]
    if any(want is not None and want != has for want, has in sought):
        return False
    return wanted.label is None or _text(element).startswith(wanted.label)


def _done(slack: Slack, block: Json, element: Json, wanted: Wanted) -> Json:
    named = {"type": element["type"], "action_id": element["action_id"]}
    named["block_id"] = block["block_id"]
    if element["type"] == "button":
        extras = ("text", "value", "style")
        return named | {name: element[name] for name in extras if name in element}
    choice = wanted.value if wanted.option is None else wanted.option
    if element["type"] == "overflow":
        return named | {"selected_option": filling.option(element, choice)}
    return named | forms.answer(element, filling.read(slack.workspace, element, choice))


def _forged(wanted: Wanted) -> Json:
    return {
        "type": "button",
        "action_id": wanted.action_id,
        "block_id": wanted.block_id or "forged",
        "value": wanted.value,
        "text": {"type": "plain_text", "text": wanted.label or "forged", "emoji": True},
    }


def _state(values: Json, action: Json) -> Json:
    """The form with what was just chosen in it."""
    if action["action_id"] not in values.get(action["block_id"], {}):
        return values
    kept = {k: v for k, v in action.items() if k not in {"action_id", "block_id"}}
    return values | {action["block_id"]: values[action["block_id"]] | {action["action_id"]: kept}}
