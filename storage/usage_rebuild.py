"""Adding all bookings up again: the sums must come out as they stand (law 4)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from storage.rulers import Rulers, Span
from storage.usage_page import Identity
from storage.usage_sums import Group, Row, Sums

_NAMES = ", ".join(f'usage."{name}"' for name in Row._fields)

ALL = f"SELECT {_NAMES} FROM usage"  # noqa: S608 - names of columns
OF_ONE = f"""SELECT {_NAMES} FROM usage WHERE workflow = %s
UNION SELECT {_NAMES} FROM usage
JOIN (SELECT DISTINCT source, id FROM corrected_usage WHERE was ->> 'recount' IS NULL) AS corrected
USING (source, id)"""  # noqa: S608
# What reconciling has booked is not told anew: whoever settles a day waits for nobody who waits.
NUMBERED = f"""SELECT {_NAMES} FROM usage
WHERE usage.seq > %s AND usage.seq <= %s AND usage.at >= %s AND usage.rule <> 'assigned'
ORDER BY source, id"""  # noqa: S608 - names of columns
REPLACED = "SELECT was FROM corrected_usage WHERE was ->> 'recount' IS NULL ORDER BY seq"
EMPTY = ("DELETE FROM usage_hours", "DELETE FROM period_totals")
OF_WORKFLOW = " WHERE workflow = %s"


# After this number, up to this one, and no earlier than this instant in microseconds.
Numbered = tuple[int, int, int]


class Rebuild:
    """`only` one workflow, or all. `replaced`: what corrected records said before, oldest first."""

    def __init__(self, rulers: Rulers, only: str | None, replaced: Iterable[Row]) -> None:
        self._rulers = rulers
        self._only = only
        self._sums = Sums()
        self._before: dict[Identity, list[Row]] = defaultdict(list)
        for row in replaced:
            self._before[row.source, row.id].append(row)

    def count(self, current: Iterable[Row]) -> None:
        """The records as they are now. A correction took back what the record said before it."""
        for row in current:
            revisions = (*self._before.get((row.source, row.id), ()), row)
            taken_back: Sequence[Row | None] = (None, *revisions[:-1])
            for before, after in zip(taken_back, revisions, strict=True):
                if before is not None:
                    self._book(before, after.received_at, -1)
                self._book(after, after.received_at, 1)

    def _book(self, row: Row, booked_at: int, sign: int) -> None:
        if self._only not in {None, row.workflow}:
            return
        slot = self._rulers[row.workflow].slot(row.at)
        group = Group(row.source, row.account, row.counts, slot.ended(booked_at), sign)
        self._sums.count(row, slot, group)

    def hours(self) -> list[tuple[Any, ...]]:
        return self._sums.hours()

    def totals(self) -> list[tuple[Any, ...]]:
        return self._sums.totals(_is_late)


def _is_late(span: Span, late: frozenset[str]) -> bool:
    return span.cap in late
