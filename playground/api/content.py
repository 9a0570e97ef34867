"""Reading and checking what a bot wants to say."""

import json
import secrets
from typing import Any

from playground import blockkit
from playground.api.arguments import Arguments
from playground.refusals import Refused, invalid
from playground.shapes import Json

LONGEST_TEXT = 40_000
LONGEST_UPDATE = 4_000
# Slack names the error but not the number.
LONGEST_METADATA = 4_000


def text(args: Arguments, longest: int = LONGEST_TEXT) -> str:
    said = args.maybe("text")
    if len(said) > longest:
        raise Refused("msg_too_long")
    return said


def blocks(args: Arguments) -> list[Json] | None:
    """Checked against Slack's limits, with ids where the bot gave none; None if not sent."""
    given = args.json("blocks", "invalid_blocks_format")
    return None if given is None else checked(given)


def checked(given: Any) -> list[Json]:  # noqa: ANN401 - JSON
    if len(json.dumps(given, ensure_ascii=False)) > blockkit.LONGEST_BLOCKS:
        raise Refused("msg_blocks_too_long")
    problems = blockkit.problems({"blocks": given}, "message")
    if problems:
        raise invalid("invalid_blocks", problems)
    return with_ids(given)


def metadata(args: Arguments) -> Json | None:
    given = args.json("metadata", "invalid_metadata_format")
    if not given:
        return None
    if not isinstance(given, dict) or not _is_metadata(given):
        raise Refused("invalid_metadata_format")
    if len(json.dumps(given)) > LONGEST_METADATA:
        raise Refused("metadata_too_large")
    return given


def _is_metadata(given: Json) -> bool:
    named = isinstance(given.get("event_type"), str) and given["event_type"]
    return bool(named) and isinstance(given.get("event_payload"), dict)


def with_ids(given: list[Json]) -> list[Json]:
    """Slack invents the `block_id` and `action_id` a bot leaves out."""
    return [_with_id(block) for block in given]


def _with_id(block: Json) -> Json:
    known = {"block_id": secrets.token_urlsafe(4), **block}
    for name in ("element", "accessory"):
        if name in block:
            known[name] = _acting(block[name])
    if block["type"] in {"actions", "context_actions"}:
        known["elements"] = [_acting(element) for element in block["elements"]]
    return known


def _acting(element: Json) -> Json:
    if element.get("type") == "image":
        return element
    return {"action_id": secrets.token_urlsafe(4), **element}
