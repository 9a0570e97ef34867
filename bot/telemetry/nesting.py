"""Two libraries may tell of the same call: one span within the other, or of the same response."""

from collections.abc import Sequence
from typing import NamedTuple

from bot.usage import CostBasis, Usage


class Call(NamedTuple):
    """`id` and `parent` are those of its span and of the one around it, `response` the model's own
    id; `scope` is the library that tells.
    """

    id: str
    parent: str
    usage: Usage
    response: str = ""
    scope: str = ""


def told_once(calls: Sequence[Call]) -> list[Usage]:
    """The outer span counts, unless only the inner one was measured; of two apart, the first."""
    again = _nested(calls)
    if any(call.scope != calls[0].scope for call in calls):
        again |= _of_one_response([call for call in calls if call.id not in again])
    return [call.usage for call in calls if call.id not in again]


def _nested(calls: Sequence[Call]) -> set[str]:
    known = {call.id: call for call in calls}
    again: set[str] = set()
    if known.keys().isdisjoint(call.parent for call in calls):
        return again
    for inner in calls:
        outer = known.get(inner.parent)
        if outer is not None and _is_same(outer.usage, inner.usage):
            again.add(inner.id if _is_measured(outer.usage) else outer.id)
    return again


def _of_one_response(calls: Sequence[Call]) -> set[str]:
    """One library tells of each response once, however it names them."""
    first: dict[tuple[str, int | None, int | None], Call] = {}
    again: set[str] = set()
    for call in calls:
        if call.response:
            key = (call.response, call.usage.input_tokens, call.usage.output_tokens)
            if first.setdefault(key, call).scope != call.scope:
                again.add(call.id)
    return again


def _is_same(outer: Usage, inner: Usage) -> bool:
    if not (_is_measured(outer) and _is_measured(inner)):
        return True
    counts = (outer.input_tokens, outer.output_tokens)
    return counts == (inner.input_tokens, inner.output_tokens)


def _is_measured(usage: Usage) -> bool:
    return usage.basis is not CostBasis.UNMETERED
