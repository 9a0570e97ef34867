"""Spend that belongs to no workflow, by its tags."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from bot.attribution import UNATTRIBUTED, Trace
from bot.gateway_calls import NAMING
from bot.money import to_nanos
from bot.periods import Period
from bot.sources import RECONCILED
from bot.trial_days import AccountDay, DayOnTrial
from bot.unclaimed import Nobodys


class Tagged(NamedTuple):
    """Of one tag each, the dearest first; `partial`: there are more."""

    records: tuple[Nobodys, ...]
    partial: bool


def by_tag(records: Iterable[Nobodys], most: int) -> Tagged:
    """As many as `most`. A tag that only says the declared name again is left out."""
    held: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for trace, nanos, number in records:
        for tag in set(trace.tags):
            if tag and not _says_again(tag, trace.declared):
                whole = held[tag, trace.source]
                whole[0] += nanos
                whole[1] += number
    dearest = sorted(held.items(), key=lambda one: (-one[1][0], one[0]))
    listed = (
        Nobodys(Trace(tags=(tag,), source=source), *whole)
        for (tag, source), whole in dearest[:most]
    )
    return Tagged(tuple(listed), len(dearest) > most)


def _says_again(tag: str, declared: str) -> bool:
    name, colon, value = tag.partition(":")
    return tag == declared or (f"{name.lower()}{colon}" in NAMING and value.strip() == declared)


def lines_of_nobody(
    days: Mapping[AccountDay, DayOnTrial], month: Period, whose: Callable[[Trace], str]
) -> Iterator[Nobodys]:
    """Lines of bills, with as much of their money as is booked for nobody in the month."""
    for (account, _), day in days.items():
        booked = sum(
            one.nanos for one in day.booked if one.workflow == UNATTRIBUTED and one.since in month
        )
        lines = [one for one in day.lines if whose(one.trace) == UNATTRIBUTED] if booked else []
        whole = sum(to_nanos(one.charge.cost) for one in lines)
        for one in lines:
            nanos = to_nanos(one.charge.cost)
            # A day in UTC may lie in two months.
            part = nanos * booked // whole if whole else nanos
            yield Nobodys(_named(one.trace, f"{RECONCILED}{account}"), part, one.lines)


def _named(trace: Trace, source: str) -> Trace:
    """A booked line does not say its declared name: here it stands among the tags."""
    tags = (tag for tag in trace.tags if not _says_again(tag, trace.declared))
    return Trace(tags=(trace.declared, *tags), source=source)
