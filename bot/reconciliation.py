"""One UTC day of one account: what realtime sources saw beside what is billed, and what counts.

Lanes are never added. A workflow that the bill names (by a key, project or whatever a rule looks
at) costs what is billed. The others keep what realtime sources saw, and the rest of the bill is
*unmetered*, charged to nobody. While a bill may still change, realtime records stand for it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import pairwise

import msgspec

from bot.attribution import NO_CLUES, UNATTRIBUTED, UNMETERED, Clues
from bot.caps import running_periods
from bot.charges import DAY, Charge, Stretch
from bot.money import to_nanos
from bot.usage import CostBasis
from bot.workflows import Workflow

_DIGITS = 24
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Line:
    """A charge, and the workflow that the rules find for it; empty where they find none."""

    charge: Charge
    workflow: str


@dataclass(frozen=True)
class Metered:
    """What realtime sources saw of a workflow and model in an hour. Nano-dollars; `assumed` is a
    part of `nanos`.
    """

    workflow: str
    hour: datetime
    model: str
    nanos: int
    assumed: int = 0


@dataclass(frozen=True)
class Entry:
    """A record that reconciling books. Negative where it takes a realtime estimate back."""

    id: str
    workflow: str
    at: datetime
    model: str
    person: str
    clues: Clues
    nanos: int
    basis: CostBasis


@dataclass(frozen=True)
class Settlement:
    """Nano-dollars: `billed` is `workflows` + `unattributed` + `unmetered` once it is `settled`.

    `realtime` is all that realtime sources saw.
    """

    entries: tuple[Entry, ...]
    billed: int
    realtime: int
    workflows: int
    unattributed: int
    unmetered: int
    final: bool
    settled: bool


@dataclass(frozen=True)
class Day:
    """`calendars` has every workflow of the lines and hours, and those of nobody: the stretches
    of the day in which its periods are the same.
    """

    start: datetime
    lines: Sequence[Line]
    metered: Sequence[Metered]
    calendars: Mapping[str, Sequence[Stretch]]


def end_by(day: datetime, now: datetime) -> datetime:
    """Of a UTC day, which is not ahead of now: what is billed by now was not spent tomorrow."""
    return max(min(day + DAY, now), day + _TICK)


def stretches(workflow: Workflow, day: datetime, now: datetime) -> tuple[Stretch, ...]:
    """The parts of a UTC day by now that lie in one period each of every kind."""
    end, edges = end_by(day, now), [day]
    while edges[-1] < end:
        at = edges[-1]
        ends = [period.end for period in running_periods(workflow, at)]
        activated = workflow.activated_at
        ends += [activated] if activated is not None and activated > at else []
        edges.append(min(end, *ends))
    return tuple(Stretch(*pair) for pair in pairwise(edges))


def is_final(lines: Collection[Charge]) -> bool:
    """Whether a bill says all of a day."""
    return bool(lines) and all(one.final for one in lines)


def in_bill(lines: Collection[Charge], *, metered: bool) -> bool:
    """Whether the bill says what a day costs, and not what realtime sources saw of it."""
    return is_final(lines) if metered else bool(lines)


def settle(day: Day) -> Settlement:
    """What counts of the day."""
    lines = [line.charge for line in day.lines]
    final = is_final(lines)
    if not in_bill(lines, metered=bool(day.metered)):
        return _open(day, final=final)
    named = {line.workflow for line in day.lines} - {UNATTRIBUTED}
    kept = [hour for hour in day.metered if hour.workflow not in named]
    mine = [line for line in day.lines if line.workflow in named]
    rest = [line for line in day.lines if line.workflow == UNATTRIBUTED]
    unmetered = _billed(rest) - _seen(kept) if kept else 0
    parts = _Parts(day)
    parts.take_back(hour for hour in day.metered if hour.workflow in named)
    parts.charge(mine if kept else day.lines)
    parts.charge_nobody(unmetered)
    workflows = _billed(mine) + _seen(hour for hour in kept if hour.workflow != UNATTRIBUTED)
    billed = _billed(day.lines)
    nobodys = billed - workflows - unmetered
    seen = _seen(day.metered)
    return Settlement(
        parts.entries(), billed, seen, workflows, nobodys, unmetered, final, settled=True
    )


def _open(day: Day, *, final: bool) -> Settlement:
    """Realtime records stand."""
    seen = _seen(day.metered)
    mine = _seen(hour for hour in day.metered if hour.workflow != UNATTRIBUTED)
    return Settlement((), _billed(day.lines), seen, mine, seen - mine, 0, final, settled=False)


def _billed(lines: Iterable[Line]) -> int:
    return sum(to_nanos(line.charge.cost) for line in lines)


def _seen(hours: Iterable[Metered]) -> int:
    return sum(hour.nanos for hour in hours)


def split(nanos: int, weights: Sequence[int]) -> list[int]:
    """In proportion, each part rounded towards zero; the last takes the remainder."""
    whole, sign = sum(weights), -1 if nanos < 0 else 1
    parts = [sign * (abs(nanos) * weight // whole) for weight in weights[:-1]]
    return [*parts, nanos - sum(parts)]


# workflow, at, model, person, clues, basis
_Key = tuple[str, datetime, str, str, Clues, CostBasis]


class _Parts:
    """What is booked, added up by what tells records apart."""

    def __init__(self, day: Day) -> None:
        self._day = day
        self._sums: dict[_Key, int] = defaultdict(int)
        self._seen: dict[str, list[Metered]] = defaultdict(list)
        for hour in day.metered:
            self._seen[hour.workflow].append(hour)
        # Most lines of a day last all of it.
        self._weighed: dict[tuple[str, tuple[Stretch, ...]], list[int]] = {}

    def take_back(self, hours: Iterable[Metered]) -> None:
        for hour in hours:
            at = self._stretch_of(hour.workflow, hour.hour).start
            key = (hour.workflow, at, hour.model, "", NO_CLUES)
            self._sums[*key, CostBasis.ASSUMED] -= hour.assumed
            self._sums[*key, CostBasis.COMPUTED] -= hour.nanos - hour.assumed

    def charge(self, lines: Iterable[Line]) -> None:
        for line in lines:
            charge, workflow = line.charge, line.workflow
            within = self._within(workflow, charge)
            key = (charge.model or charge.item, charge.person, charge.clues, CostBasis.BILLED)
            for stretch, nanos in self._apart(workflow, to_nanos(charge.cost), within):
                self._sums[workflow, stretch.start, *key] += nanos

    def charge_nobody(self, nanos: int) -> None:
        for stretch, part in self._apart(UNMETERED, nanos, self._day.calendars[UNMETERED]):
            self._sums[UNMETERED, stretch.start, "", "", NO_CLUES, CostBasis.BILLED] += part

    def entries(self) -> tuple[Entry, ...]:
        found = [
            Entry(self._id(key), *key[:-1], nanos, key[-1])
            for key, nanos in self._sums.items()
            if nanos
        ]
        return tuple(sorted(found, key=lambda entry: entry.id))

    def _id(self, key: _Key) -> str:
        workflow, at, model, person, clues, basis = key
        said = [workflow, at.isoformat(), model, person, clues, basis]
        digest = sha256(msgspec.json.encode(said)).hexdigest()[:_DIGITS]
        return f"{self._day.start:%Y-%m-%d}|{digest}"

    def _stretch_of(self, workflow: str, moment: datetime) -> Stretch:
        calendar = self._day.calendars[workflow]
        return next((one for one in calendar if one.start <= moment < one.end), calendar[-1])

    def _within(self, workflow: str, charge: Charge) -> list[Stretch]:
        """The stretches that the charge touches, cut to it."""
        calendar = self._day.calendars[workflow]
        cut = [
            Stretch(max(one.start, charge.start), min(one.end, charge.end))
            for one in calendar
            if one.start < charge.end and charge.start < one.end
        ]
        return cut or [self._stretch_of(workflow, charge.start)]

    def _apart(
        self, workflow: str, nanos: int, within: Sequence[Stretch]
    ) -> Iterable[tuple[Stretch, int]]:
        if len(within) == 1:
            return [(within[0], nanos)]
        key = workflow, tuple(within)
        weights = self._weighed.get(key)
        if weights is None:
            weights = self._weighed[key] = self._weights(workflow, within)
        return zip(within, split(nanos, weights), strict=True)

    def _weights(self, workflow: str, within: Sequence[Stretch]) -> list[int]:
        """As its own records were, else as all were, else by time."""
        return (
            _weights(within, self._seen.get(workflow, ()))
            or _weights(within, self._day.metered)
            or [(one.end - one.start) // _TICK for one in within]
        )


def _weights(within: Sequence[Stretch], hours: Sequence[Metered]) -> list[int]:
    """What realtime sources saw in each; nothing where they saw nothing."""
    sums = [
        sum(max(hour.nanos, 0) for hour in hours if one.start <= hour.hour < one.end)
        for one in within
    ]
    return sums if any(sums) else []
