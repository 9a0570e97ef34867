"""Two libraries may tell of the same call, one span within the other."""

from collections.abc import Sequence
from typing import NamedTuple

from bot.usage import CostBasis, Usage


class Call(NamedTuple):
    """`id` and `parent` are those of its span and of the one around it."""

    id: str
    parent: str
    usage: Usage


def told_once(calls: Sequence[Call]) -> list[Usage]:
    """The outer span counts, unless only the inner one was measured."""
    known = {call.id: call for call in calls}
    if known.keys().isdisjoint(call.parent for call in calls):
        return [call.usage for call in calls]
    again: set[str] = set()
    for inner in calls:
        outer = known.get(inner.parent)
        if outer is not None and _is_same(outer.usage, inner.usage):
            again.add(outer.id if not _is_measured(outer.usage) else inner.id)
    return [call.usage for call in calls if call.id not in again]


def _is_same(outer: Usage, inner: Usage) -> bool:
    if not (_is_measured(outer) and _is_measured(inner)):
        return True
    counts = (outer.input_tokens, outer.output_tokens)
    return counts == (inner.input_tokens, inner.output_tokens)


def _is_measured(usage: Usage) -> bool:
    return usage.basis is not CostBasis.UNMETERED
