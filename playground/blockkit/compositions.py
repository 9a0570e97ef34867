"""Text, options, confirmations: what blocks and elements are composed of."""

from collections.abc import Iterator
from typing import Any

from playground.blockkit.checks import (
    Check,
    Shape,
    any_of,
    at,
    both,
    flag,
    items,
    not_both,
    one_of,
    pattern,
    shaped,
    string,
    typed,
)

ID = string(255, 1)
URL = both(string(3000), pattern(r"[a-z][a-z0-9+.-]*:\S+", "a valid URL"))


def plain(longest: int) -> Check:
    """Slack's `plain_text` object; mentions and formatting mean nothing in it."""
    return typed({"plain_text": _plain(longest)})


def text(longest: int) -> Check:
    """Either text object."""
    return typed({"plain_text": _plain(longest), "mrkdwn": _mrkdwn(longest)})


def _plain(longest: int) -> Shape:
    return Shape({"text": string(longest, 1)}, {"emoji": flag})


def _mrkdwn(longest: int) -> Shape:
    return Shape({"text": string(longest, 1)}, {"verbatim": flag})


CONFIRM = shaped(
    Shape(
        {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
        {"style": one_of("primary", "danger")},
    )
)
SLACK_FILE = shaped(Shape(optional={"id": ID, "url": URL}, also=(any_of("id", "url"),)))
FILTER = shaped(
    Shape(
        optional={
            "include": items(one_of("im", "mpim", "private", "public"), 1, 4),
            "exclude_external_shared_channels": flag,
            "exclude_bot_users": flag,
        },
        also=(any_of("include", "exclude_external_shared_channels", "exclude_bot_users"),),
    )
)
DISPATCH = shaped(
    Shape(
        optional={
            "trigger_actions_on": items(one_of("on_enter_pressed", "on_character_entered"), 1, 2)
        }
    )
)


def option(label: Check = text(75), *, link: bool = False) -> Check:  # noqa: B008 - a frozen check
    optional = {"description": label} | ({"url": URL} if link else {})
    return shaped(Shape({"text": label, "value": string(150, 1)}, optional))


PLAIN_OPTION = option(plain(75))
OPTION_GROUP = shaped(Shape({"label": plain(75), "options": items(PLAIN_OPTION, 1, 100)}))


def choices_are_listed(value: Any, where: str) -> Iterator[str]:  # noqa: ANN401
    """What is chosen at first must be one of the options, in every part of it."""
    listed = _listed(value)
    chosen = [*value.get("initial_options", [])]
    if "initial_option" in value:
        chosen.append(value["initial_option"])
    if not all(choice in listed for choice in chosen):
        yield at("initial option must be one of the options", where)


def _listed(value: dict[str, Any]) -> list[Any]:
    groups = [value, *(g for g in value.get("option_groups", []) if isinstance(g, dict))]
    return [choice for group in groups for choice in group.get("options", [])]


LISTS: tuple[Check, ...] = (
    any_of("options", "option_groups"),
    not_both("options", "option_groups"),
    choices_are_listed,
)
IMAGE_SOURCE: tuple[Check, ...] = (
    any_of("image_url", "slack_file"),
    not_both("image_url", "slack_file"),
)
