"""Days of bills by other rules: settled as they will be, beside what stands of them now."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from bot.attribution import UNATTRIBUTED, UNMETERED, Trace
from bot.charges import Charge, Stretch
from bot.reconciliation import Day, Line, Metered, Settlement, end_by, in_bill, settle

# Nano-dollars by workflow and the beginning of the stretch they lie in.
Figures = Mapping[tuple[str, datetime], int]


class AccountDay(NamedTuple):
    """A UTC day of a vendor's account."""

    account: str
    day: datetime


class LinesAlike(NamedTuple):
    """Lines of a bill that no rule can tell apart, as one charge."""

    charge: Charge
    trace: Trace
    lines: int


class Standing(NamedTuple):
    """Nano-dollars of a workflow in a stretch that begins at `since`."""

    workflow: str
    since: datetime
    nanos: int
    records: int


class Leaving(NamedTuple):
    """Realtime records that go from one workflow to another."""

    of: str
    to: str
    since: datetime
    nanos: int
    records: int


@dataclass(frozen=True)
class DayOnTrial:
    """`seen` by realtime sources; `booked` when it was settled."""

    day: datetime
    lines: Sequence[LinesAlike]
    seen: Sequence[Standing]
    booked: Sequence[Standing]

    @property
    def in_bill(self) -> bool:
        return in_bill([one.charge for one in self.lines], metered=bool(self.seen))


@dataclass(frozen=True)
class Resettled:
    """By how much figures change; and of each line, where its money stood and will stand."""

    gained: Figures
    ways: Sequence[tuple[str, str]]


def resettled(
    day: DayOnTrial,
    whose: tuple[Sequence[str], Sequence[str]],
    leaving: Iterable[Leaving],
    cuts: Sequence[Stretch],
) -> Resettled | None:
    """None where realtime records stand for it. `whose`: each line was and becomes."""
    was, becomes = whose
    seen = _left_and_come(day.seen, leaving)
    settlement = settled(day, becomes, seen, cuts)
    if not settlement.settled:
        return None
    figures = _figures(seen, settlement)
    stood = _sums((*day.seen, *day.booked))
    if sum(stood.values()) != sum(figures.values()):
        # It waits for the clock: what has changed of its bill meanwhile is not this change's doing.
        stood = _figures(day.seen, settled(day, was, day.seen, cuts))
    gained = {key: figures.get(key, 0) - stood.get(key, 0) for key in {*figures, *stood}}
    ways = zip(_places(was, day.seen), _places(becomes, seen), strict=True)
    return Resettled({key: nanos for key, nanos in gained.items() if nanos}, tuple(ways))


def cut(day: datetime, edges: Iterable[datetime], now: datetime) -> tuple[Stretch, ...]:
    """The parts of a UTC day by now that edges make."""
    end = end_by(day, now)
    inside = sorted({edge for edge in edges if day < edge < end})
    return tuple(Stretch(*pair) for pair in pairwise([day, *inside, end]))


def settled(
    day: DayOnTrial, whose: Sequence[str], seen: Iterable[Standing], cuts: Sequence[Stretch]
) -> Settlement:
    """`whose` its lines are, and what realtime sources have `seen`."""
    lines = [Line(one.charge, key) for one, key in zip(day.lines, whose, strict=True)]
    metered = [Metered(one.workflow, one.since, "", one.nanos) for one in seen]
    keys = {UNATTRIBUTED, UNMETERED, *whose, *(one.workflow for one in metered)}
    return settle(Day(day.day, lines, metered, dict.fromkeys(keys, cuts)))


def _left_and_come(seen: Iterable[Standing], leaving: Iterable[Leaving]) -> list[Standing]:
    gone_and_come = (
        Standing(workflow, each.since, sign * each.nanos, sign * each.records)
        for each in leaving
        for workflow, sign in ((each.of, -1), (each.to, 1))
    )
    return added_up((*seen, *gone_and_come))


def added_up(standing: Iterable[Standing]) -> list[Standing]:
    """By workflow and stretch, where records are left."""
    sums: dict[tuple[str, datetime], list[int]] = defaultdict(lambda: [0, 0])
    for one in standing:
        held = sums[one.workflow, one.since]
        held[0] += one.nanos
        held[1] += one.records
    return [Standing(*key, *held) for key, held in sums.items() if held[1]]


def _figures(seen: Iterable[Standing], settlement: Settlement) -> dict[tuple[str, datetime], int]:
    booked = (Standing(one.workflow, one.at, one.nanos, 1) for one in settlement.entries)
    return _sums((*seen, *booked))


def _sums(held: Iterable[Standing]) -> dict[tuple[str, datetime], int]:
    sums: dict[tuple[str, datetime], int] = defaultdict(int)
    for one in held:
        sums[one.workflow, one.since] += one.nanos
    return sums


def _places(whose: Sequence[str], seen: Iterable[Standing]) -> list[str]:
    """What no rule matches is nobody's, or a part of what nobody saw."""
    named = {*whose} - {UNATTRIBUTED}
    rest = UNATTRIBUTED if all(one.workflow in named for one in seen) else UNMETERED
    return [key or rest for key in whose]
