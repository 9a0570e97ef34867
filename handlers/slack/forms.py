"""Forms: the inputs of a modal, and what was entered. A block's id is the field's name."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, time
from typing import Any

from bot.cards.kit import context, named, options, plain
from bot.edits import Wrong
from bot.notices import Block
from bot.refusal import Refusal

_TITLE = 24
_LABEL = 150


def modal(
    callback: str,
    title: str,
    blocks: Sequence[Block],
    *,
    submit: str | None = "Save",
    close: str = "Cancel",
    private: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """`private` comes back with the answer; at most 3,000 characters of JSON, no secrets."""
    view: dict[str, Any] = {
        "type": "modal",
        "callback_id": callback,
        "title": plain(title, _TITLE),
        "close": plain(close, _TITLE),
        "private_metadata": json.dumps(private or {}, ensure_ascii=False, separators=(",", ":")),
        "blocks": list(blocks),
    }
    return view if submit is None else {**view, "submit": plain(submit, _TITLE)}


def _input(name: str, label: str, element: Block, hint: str | None, *, optional: bool) -> Block:
    block: Block = {
        "type": "input",
        "block_id": name,
        "label": plain(label, _LABEL),
        "element": {**element, "action_id": name},
        "optional": optional,
    }
    return block if hint is None else {**block, "hint": plain(hint, _LABEL)}


def not_used(words: str) -> tuple[Block, ...]:
    """What was typed after the command, and nothing was made of it."""
    return (context(f"“{named(words)}” was not used: choose below."),) if words else ()


def text_input(  # noqa: PLR0913 - what Slack lets a text field say
    name: str,
    label: str,
    value: str | None = None,
    *,
    hint: str | None = None,
    placeholder: str | None = None,
    optional: bool = False,
    long: bool = False,
    limit: int = 2_000,
) -> Block:
    element: Block = {"type": "plain_text_input", "multiline": long, "max_length": limit}
    if value:
        element["initial_value"] = value[:limit]
    if placeholder:
        element["placeholder"] = plain(placeholder, _LABEL)
    return _input(name, label, element, hint, optional=optional)


def choice_input(  # noqa: PLR0913
    name: str,
    label: str,
    choices: Sequence[tuple[str, str]],
    chosen: str | None = None,
    *,
    hint: str | None = None,
    optional: bool = False,
    radio: bool = False,
    live: bool = False,
) -> Block:
    """One of (value, label), at most 100 (10 as radio buttons). `live`: a press of the choice is
    sent at once, as an action of the field's name.
    """
    offered = options(choices)
    element: Block = {"type": "radio_buttons" if radio else "static_select", "options": offered}
    initial = next((one for one in offered if one["value"] == chosen), None)
    if initial:
        element["initial_option"] = initial
    block = _input(name, label, element, hint, optional=optional)
    return {**block, "dispatch_action": True} if live else block


def date_input(
    name: str,
    label: str,
    value: date | None = None,
    *,
    hint: str | None = None,
    optional: bool = False,
) -> Block:
    element: Block = {"type": "datepicker"}
    if value:
        element["initial_date"] = value.isoformat()
    return _input(name, label, element, hint, optional=optional)


def time_input(
    name: str,
    label: str,
    value: time | None = None,
    *,
    hint: str | None = None,
    optional: bool = False,
) -> Block:
    element: Block = {"type": "timepicker"}
    if value is not None:
        element["initial_time"] = f"{value:%H:%M}"
    return _input(name, label, element, hint, optional=optional)


def person_input(
    name: str,
    label: str,
    user: str | None = None,
    *,
    hint: str | None = None,
    optional: bool = False,
) -> Block:
    element: Block = {"type": "users_select"}
    if user:
        element["initial_user"] = user
    return _input(name, label, element, hint, optional=optional)


def entered(view: dict[str, Any]) -> dict[str, Any]:
    """By block id: what stands in each input, None where nothing does."""
    state = (view.get("state") or {}).get("values") or {}
    return {block: _value(element) for block, held in state.items() for element in held.values()}


def people_in(view: dict[str, Any]) -> dict[str, str]:
    """By block id: the person who is chosen there."""
    state = (view.get("state") or {}).get("values") or {}
    return {
        block: element["selected_user"]
        for block, held in state.items()
        for element in held.values()
        if element.get("selected_user")
    }


_KEPT = ("type", "callback_id", "title", "submit", "close", "private_metadata", "blocks")


def again(view: dict[str, Any], first: Block) -> dict[str, Any]:
    """The form as Slack sent it back, fit to be shown again, with a block on top."""
    kept = {name: view[name] for name in _KEPT if view.get(name) is not None}
    return {**kept, "blocks": [first, *view["blocks"]]}


def input_names(view: dict[str, Any]) -> list[str]:
    return [block["block_id"] for block in view["blocks"] if block["type"] == "input"]


@contextmanager
def together_with(unread: Sequence[Refusal]) -> Iterator[None]:
    """What the rules refuse is said in one round with what could not be read: raises Wrong.

    A refusal of no field stands alone: nothing that is entered would help.
    """
    try:
        yield
    except Wrong as refused:
        raise Wrong((*unread, *refused.found)) from refused
    except Refusal as refusal:
        if unread and refusal.field:
            raise Wrong((*unread, refusal)) from refusal
        raise
    if unread:
        raise Wrong(unread)


def beside(view: dict[str, Any], wrong: Wrong) -> dict[str, str]:
    """Each word beside its field; what belongs to no field of the form stands at the first."""
    names = input_names(view)
    said: dict[str, str] = {}
    for refusal in wrong.found:
        name = refusal.field if refusal.field in names else names[0]
        said.setdefault(str(name), str(refusal))
    return said


_SINGLE = (
    "selected_date",
    "selected_time",
    "selected_user",
    "selected_channel",
    "selected_conversation",
)


def _value(element: dict[str, Any]) -> Any:  # noqa: ANN401 - a text, an id, a date or a list
    if element.get("selected_option"):
        return element["selected_option"]["value"]
    if "selected_options" in element:
        return [option["value"] for option in element["selected_options"] or []]
    found = next((element[name] for name in _SINGLE if element.get(name)), None)
    if found is not None:
        return found
    text = element.get("value")
    return (str(text).strip() or None) if text is not None else None
