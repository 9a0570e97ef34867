"""What is filled in: Slack's `state.values`, by block and element."""

from collections.abc import Iterable, Iterator

from playground.shapes import Json

# How each element's answer is called in Slack's state, and how its preset is.
ANSWERS = {
    "plain_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "users_select": ("selected_user", "initial_user"),
    "channels_select": ("selected_channel", "initial_channel"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
}
LISTS = {"selected_options", "selected_users", "selected_channels", "selected_conversations"}


def elements(block: Json) -> Iterator[Json]:
    """Everything in the block that a person can act on."""
    if block["type"] == "input":
        yield block["element"]
    if block.get("accessory", {}).get("type", "image") != "image":
        yield block["accessory"]
    if block["type"] in {"actions", "context_actions"}:
        yield from block["elements"]


def fields(blocks: Iterable[Json]) -> Iterator[tuple[Json, Json]]:
    """Each block with each of its elements that holds an answer."""
    for block in blocks:
        for element in elements(block):
            if element["type"] in ANSWERS:
                yield block, element


def first_values(blocks: Iterable[Json]) -> Json:
    """The state before anybody touches the form."""
    values: Json = {}
    for block, element in fields(blocks):
        answers = values.setdefault(block["block_id"], {})
        answers[element["action_id"]] = answer(element, _preset(element))
    return values


def _preset(element: Json) -> object:
    name, preset = ANSWERS[element["type"]]
    return element.get(preset, [] if name in LISTS else None)


def answer(element: Json, value: object) -> Json:
    return {"type": element["type"], ANSWERS[element["type"]][0]: value}


def kept_values(blocks: Iterable[Json], before: Json) -> Json:
    values = first_values(blocks)
    for block_id, answers in values.items():
        for action_id, fresh in answers.items():
            old = before.get(block_id, {}).get(action_id)
            answers[action_id] = old if old and old["type"] == fresh["type"] else fresh
    return values


def value_of(given: Json) -> object:
    """The answer itself, whatever its kind."""
    return given.get(ANSWERS[given["type"]][0])
