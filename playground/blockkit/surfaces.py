"""Messages, modals and Home tabs: the blocks they hold, and what counts over all of them."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal

from playground.blockkit.blocks import AT_MOST, EVERYWHERE, MESSAGES, MODALS, blocks
from playground.blockkit.checks import Check, Shape, at, flag, one_of, shaped, string
from playground.blockkit.compositions import plain

Surface = Literal["message", "modal", "home"]
# Slack counts about 12,000 characters of text, with some allowance for the blocks around them.
LONGEST_BLOCKS = 13_000
LONGEST_MARKDOWN = 12_000


def problems(payload: Any, surface: Surface = "message") -> list[str]:  # noqa: ANN401 - JSON
    """What Slack would refuse, each with its JSON pointer; nothing if all is well.

    `payload` is a message with `blocks`, or the list of them, or a view.
    """
    whole = {"blocks": payload} if isinstance(payload, list) else payload
    return list(SURFACES[surface](whole, ""))


def _message(value: Any, where: str) -> Iterator[str]:  # noqa: ANN401
    if not isinstance(value, dict):
        yield at("must be an object", where)
        return
    yield from blocks(MESSAGES, 50)(value.get("blocks", []), "/blocks")
    for rule in (_unique_block_ids, _not_too_many, _short_markdown, _short_enough):
        yield from rule(_dicts(value), "/blocks")


def _dicts(value: dict[str, Any]) -> list[dict[str, Any]]:
    found = value.get("blocks")
    return [b for b in found if isinstance(b, dict)] if isinstance(found, list) else []


def _unique_block_ids(found: list[dict[str, Any]], where: str) -> Iterator[str]:
    counts = Counter(str(block["block_id"]) for block in found if "block_id" in block)
    for id_, count in counts.items():
        if count > 1:
            yield at(f"block_id must be unique: {id_}", where)


def _not_too_many(found: list[dict[str, Any]], where: str) -> Iterator[str]:
    for type_, most in AT_MOST.items():
        if sum(block.get("type") == type_ for block in found) > most:
            yield at(f"no more than {most} {type_} blocks allowed", where)


def _short_markdown(found: list[dict[str, Any]], where: str) -> Iterator[str]:
    texts = [str(block.get("text", "")) for block in found if block.get("type") == "markdown"]
    if sum(map(len, texts)) > LONGEST_MARKDOWN:
        yield at(f"markdown must be less than {LONGEST_MARKDOWN + 1} characters in all", where)


def _short_enough(found: list[dict[str, Any]], where: str) -> Iterator[str]:
    size = len(json.dumps(found, ensure_ascii=False))
    if size > LONGEST_BLOCKS:
        yield at(f"msg_blocks_too_long: {size} of {LONGEST_BLOCKS} characters in all", where)


def _submit_for_inputs(value: Any, where: str) -> Iterator[str]:  # noqa: ANN401
    asks = any(block.get("type") == "input" for block in _dicts(value))
    if asks and "submit" not in value:
        yield at("submit is required when an input is within blocks", f"{where}/submit")


def _one_focus(value: Any, where: str) -> Iterator[str]:  # noqa: ANN401
    if json.dumps(value).count('"focus_on_load": true') > 1:
        yield at("only one element can have focus_on_load", f"{where}/blocks")


def _unique_in_view(value: Any, where: str) -> Iterator[str]:  # noqa: ANN401
    yield from _unique_block_ids(_dicts(value), f"{where}/blocks")


BACKSTAGE: dict[str, Check] = {
    "private_metadata": string(3000),
    "callback_id": string(255),
    "external_id": string(255),
}
MODAL = Shape(
    {"type": one_of("modal"), "title": plain(24), "blocks": blocks(MODALS, 100)},
    {
        **BACKSTAGE,
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": flag,
        "notify_on_close": flag,
        "submit_disabled": flag,
    },
    (_submit_for_inputs, _unique_in_view, _one_focus),
)
HOME = Shape(
    {"type": one_of("home"), "blocks": blocks(EVERYWHERE, 100)},
    BACKSTAGE,
    (_unique_in_view, _one_focus),
)
SURFACES: dict[Surface, Check] = {"message": _message, "modal": shaped(MODAL), "home": shaped(HOME)}
