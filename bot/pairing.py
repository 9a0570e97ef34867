"""Who gives to whom, where only what each gains or loses is known."""

from collections.abc import Mapping
from operator import add
from typing import NamedTuple


class Amounts(NamedTuple):
    """Nano-dollars that go from one workflow to another, and what carries them. `week`, `day`: the
    part of it in the running ones; `closed`: in months that are over.
    """

    nanos: int = 0
    week: int = 0
    day: int = 0
    closed: int = 0
    records: int = 0
    lines: int = 0

    def plus(self, other: "Amounts") -> "Amounts":
        return Amounts(*map(add, self, other))

    def back(self) -> "Amounts":
        return Amounts(-self.nanos, -self.week, -self.day, -self.closed, self.records, self.lines)


Ways = dict[tuple[str, str], Amounts]


def paired(gained: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """(of, to, how much): whoever loses most gives to whoever gains most. All add up to zero."""
    givers = sorted((nanos, key) for key, nanos in gained.items() if nanos < 0)
    takers = sorted(((nanos, key) for key, nanos in gained.items() if nanos > 0), reverse=True)
    found = []
    while givers and takers:
        (lack, of), (room, to) = givers.pop(0), takers.pop(0)
        given = min(-lack, room)
        found.append((of, to, given))
        if lack + given:
            givers.insert(0, (lack + given, of))
        if room - given:
            takers.insert(0, (room - given, to))
    return found


def netted(ways: Mapping[tuple[str, str], Amounts]) -> Ways:
    """What goes one way less what comes back, turned so that nothing negative goes."""
    found: Ways = {}
    for (of, to), amounts in ways.items():
        if (to, of) in found:
            found[to, of] = found[to, of].plus(amounts.back())
        else:
            found[of, to] = amounts
    return dict(_forwards(way, amounts) for way, amounts in found.items())


def _forwards(way: tuple[str, str], amounts: Amounts) -> tuple[tuple[str, str], Amounts]:
    of, to = way
    return ((to, of), amounts.back()) if amounts.nanos < 0 else (way, amounts)
