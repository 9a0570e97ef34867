from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import TypeVar

from playground.api.arguments import Arguments
from playground.refusals import Refused
from playground.shapes import Json

MOST = 1000
T = TypeVar("T")


def page(things: Sequence[T], args: Arguments, default: int = 100) -> tuple[list[T], Json]:
    """One page, and the answer's `response_metadata` with where the next one starts."""
    limit = args.number("limit", default)
    if not 1 <= limit <= MOST:
        raise Refused("invalid_limit")
    start = _start(args.maybe("cursor"))
    end = start + limit
    more = b64encode(f"next:{end}".encode()).decode() if end < len(things) else ""
    return list(things[start:end]), {"next_cursor": more}


def _start(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(b64decode(cursor).decode().removeprefix("next:"))
    except ValueError:
        raise Refused("invalid_cursor") from None
