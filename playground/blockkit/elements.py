"""What people act on, and where each of these may stand."""

from collections.abc import Iterator, Mapping
from typing import Any

from playground.blockkit.checks import (
    Check,
    Shape,
    at,
    flag,
    items,
    one_of,
    pattern,
    shaped,
    string,
    whole,
)
from playground.blockkit.compositions import (
    CONFIRM,
    DISPATCH,
    FILTER,
    ID,
    IMAGE_SOURCE,
    LISTS,
    OPTION_GROUP,
    PLAIN_OPTION,
    SLACK_FILE,
    URL,
    choices_are_listed,
    option,
    plain,
)

LONGEST_INPUT = 3000
DATE = pattern(r"\d{4}-\d{2}-\d{2}", "a date as YYYY-MM-DD")
TIME = pattern(r"\d{2}:\d{2}", "a time as HH:mm")
DIGITS = pattern(r"-?\d+(\.\d+)?", "a number in a string")
ACTS = {"action_id": ID}
ASKS = {**ACTS, "confirm": CONFIRM, "focus_on_load": flag}
PICKS = {**ASKS, "placeholder": plain(150)}
SEVERAL = {"max_selected_items": whole(1, 1000)}
TYPES = {**ACTS, "placeholder": plain(150), "focus_on_load": flag}
TYPES["dispatch_action_config"] = DISPATCH
OPTIONS = {"options": items(PLAIN_OPTION, 1, 100), "option_groups": items(OPTION_GROUP, 1, 100)}
FEW = items(option(), 1, 10)
CHANNEL = {"response_url_enabled": flag}
CONVERSATION = {**CHANNEL, "default_to_current_conversation": flag, "filter": FILTER}
OUTSIDE = {"min_query_length": whole(1, 1000)}
IDS = items(ID, 1, 1000)


def _lengths(value: Any, where: str) -> Iterator[str]:  # noqa: ANN401
    shortest, longest = value.get("min_length", 0), value.get("max_length", LONGEST_INPUT)
    if isinstance(shortest, int) and isinstance(longest, int) and shortest > longest:
        yield at("min_length must not be greater than max_length", where)


def _select(named: str, extra: Mapping[str, Check], also: tuple[Check, ...] = ()) -> Shape:
    initial = PLAIN_OPTION if named == "option" else ID
    return Shape(optional={**PICKS, **extra, f"initial_{named}": initial}, also=also)


def _multi(named: str, extra: Mapping[str, Check], also: tuple[Check, ...] = ()) -> Shape:
    initial = items(PLAIN_OPTION, 1, 100) if named == "options" else IDS
    return Shape(optional={**PICKS, **SEVERAL, **extra, f"initial_{named}": initial}, also=also)


BUTTON = Shape(
    {"text": plain(75)},
    {
        **ACTS,
        "url": URL,
        "value": string(2000),
        "style": one_of("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": string(75),
    },
)
SELECTS = {
    "static_select": _select("option", OPTIONS, LISTS),
    "external_select": _select("option", OUTSIDE),
    "users_select": _select("user", {}),
    "channels_select": _select("channel", CHANNEL),
    "conversations_select": _select("conversation", CONVERSATION),
    "multi_static_select": _multi("options", OPTIONS, LISTS),
    "multi_external_select": _multi("options", OUTSIDE),
    "multi_users_select": _multi("users", {}),
    "multi_channels_select": _multi("channels", {}),
    "multi_conversations_select": _multi("conversations", CONVERSATION),
}
CHOICES = {
    "checkboxes": Shape({"options": FEW}, {**ASKS, "initial_options": FEW}, (choices_are_listed,)),
    "radio_buttons": Shape(
        {"options": FEW}, {**ASKS, "initial_option": option()}, (choices_are_listed,)
    ),
}
PICKERS = {
    "datepicker": Shape(optional={**PICKS, "initial_date": DATE}),
    "timepicker": Shape(optional={**PICKS, "initial_time": TIME, "timezone": string(255, 1)}),
}
DATETIME = {"datetimepicker": Shape(optional={**ASKS, "initial_date_time": whole(10**9, 10**10)})}
IMAGE = Shape(
    {"alt_text": string(2000)},
    {"image_url": URL, "slack_file": SLACK_FILE},
    IMAGE_SOURCE,
)
OVERFLOW = Shape(
    {"options": items(option(plain(75), link=True), 1, 5)}, {**ACTS, "confirm": CONFIRM}
)
TEXTS = {
    "plain_text_input": Shape(
        optional={
            **TYPES,
            "initial_value": string(LONGEST_INPUT),
            "multiline": flag,
            "min_length": whole(0, LONGEST_INPUT),
            "max_length": whole(1, LONGEST_INPUT),
        },
        also=(_lengths,),
    ),
    "number_input": Shape(
        {"is_decimal_allowed": flag},
        {**TYPES, "initial_value": DIGITS, "min_value": DIGITS, "max_value": DIGITS},
    ),
    "email_text_input": Shape(optional={**TYPES, "initial_value": string(LONGEST_INPUT)}),
    "url_text_input": Shape(optional={**TYPES, "initial_value": string(LONGEST_INPUT)}),
}
FEEDBACK = shaped(
    Shape({"text": plain(75), "value": string(2000, 1)}, {"accessibility_label": string(75)})
)
CONTEXT_ACTIONS = {
    "feedback_buttons": Shape({"positive_button": FEEDBACK, "negative_button": FEEDBACK}, ACTS),
    "icon_button": Shape(
        {"icon": one_of("trash"), "text": plain(75)},
        {
            **ACTS,
            "value": string(2000),
            "confirm": CONFIRM,
            "accessibility_label": string(75),
            "visible_to_user_ids": IDS,
        },
    ),
}

IN_ACTIONS = {
    "button": BUTTON,
    "overflow": OVERFLOW,
    **SELECTS,
    **CHOICES,
    **PICKERS,
    **DATETIME,
}
IN_SECTION = {
    "button": BUTTON,
    "overflow": OVERFLOW,
    "image": IMAGE,
    **SELECTS,
    **CHOICES,
    **PICKERS,
}
IN_INPUT = {**TEXTS, **SELECTS, **CHOICES, **PICKERS, **DATETIME}
