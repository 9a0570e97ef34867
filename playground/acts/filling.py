"""A person fills in a form: what fits which field, and what Slack's own client refuses."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from playground import forms
from playground.acts.impossible import Impossible
from playground.shapes import Json
from playground.workspace import Workspace

REQUIRED = "Please complete this required field."


def fill(space: Workspace, blocks: list[Json], before: Json, given: Json) -> Json:
    """Slack's `state.values` after typing; `given` by block_id, label or action_id."""
    values = {block: dict(answers) for block, answers in before.items()}
    for name, value in given.items():
        block, element = _field(blocks, name)
        answer = forms.answer(element, read(space, element, value))
        values[block["block_id"]][element["action_id"]] = answer
    return values


def _field(blocks: list[Json], name: str) -> tuple[Json, Json]:
    for block, element in forms.fields(blocks):
        label = block.get("label", {}).get("text")
        if name in {block["block_id"], element["action_id"], label}:
            return block, element
    labels = [b.get("label", {}).get("text", b["block_id"]) for b, _ in forms.fields(blocks)]
    raise Impossible(f"the form has no field {name!r}; it has {labels}")


def read(space: Workspace, element: Json, value: object) -> object:
    """The value as Slack's state has it: text, an option, an id, or a list of these."""
    name = forms.ANSWERS[element["type"]][0]
    if value is None or value == "":
        return [] if name in forms.LISTS else None
    if name in forms.LISTS:
        several = value if isinstance(value, list) else [value]
        return [_single(space, element, one) for one in several]
    return _single(space, element, value)


def _single(space: Workspace, element: Json, value: object) -> object:
    kind = forms.ANSWERS[element["type"]][0].removesuffix("s")
    if kind == "selected_option":
        return option(element, value)
    if kind == "selected_user":
        return _known(value, [p.id for p in space.people], "person")
    if kind in {"selected_channel", "selected_conversation"}:
        return _known(value, [c.id for c in space.channels], "channel")
    if kind == "selected_date":
        return _date(str(value))
    return int(str(value)) if kind == "selected_date_time" else str(value)


def option(element: Json, value: object) -> Json:
    """By its value, or by the text a person sees."""
    found = options(element)
    for choice in found:
        if str(value) in {choice.get("value"), choice["text"]["text"]}:
            return choice
    raise Impossible(f"no option {value!r}; there is {[c['text']['text'] for c in found]}")


def options(element: Json) -> list[Json]:
    groups = element.get("option_groups", [element])
    return [choice for group in groups for choice in group.get("options", [])]


def _known(value: object, ids: list[str], what: str) -> str:
    id_ = str(value).strip("<@#>").partition("|")[0]
    if id_ not in ids:
        raise Impossible(f"no {what} has the id {id_}")
    return id_


def _date(value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise Impossible(f"not a date: {value!r}") from None


def refusals(blocks: list[Json], values: Json) -> dict[str, str]:
    """What the client says before the bot is asked, by block_id."""
    found: dict[str, str] = {}
    for block, element in forms.fields(blocks):
        if block["type"] != "input":
            continue
        value = forms.value_of(values[block["block_id"]][element["action_id"]])
        if problem := _problem(block, element, value):
            found[block["block_id"]] = problem
    return found


def _problem(block: Json, element: Json, value: object) -> str | None:
    if value in (None, "", []):
        return None if block.get("optional") else REQUIRED
    if element["type"] == "plain_text_input":
        return _too_long_or_short(element, str(value))
    if element["type"] == "number_input":
        return _not_a_number(element, str(value))
    return _unreadable(element["type"], str(value))


def _too_long_or_short(element: Json, value: str) -> str | None:
    longest, shortest = element.get("max_length", 3000), element.get("min_length", 0)
    if len(value) > longest:
        return f"This field must be at most {longest} characters."
    return f"This field must be at least {shortest} characters." if len(value) < shortest else None


def _not_a_number(element: Json, value: str) -> str | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return "Please enter a number."
    if not number.is_finite() or not (element["is_decimal_allowed"] or "." not in value):
        return "Please enter a whole number."
    if "min_value" in element and number < Decimal(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if "max_value" in element and number > Decimal(element["max_value"]):
        return f"Please enter a number of at most {element['max_value']}."
    return None


READABLE = {
    "email_text_input": (re.compile(r"[^@\s]+@[^@\s]+"), "Please enter an email address."),
    "url_text_input": (re.compile(r"https?://\S+"), "Please enter a URL."),
}


def _unreadable(type_: str, value: str) -> str | None:
    pattern, problem = READABLE.get(type_, (None, ""))
    return problem if pattern and not pattern.fullmatch(value) else None
