"""Which hour and periods a record falls in, measured once per workflow and stretch of time."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.attribution import UNATTRIBUTED, UNMETERED
from bot.calendars import counting, nobodys
from bot.caps import running_periods
from bot.periods import FOREVER, Period
from bot.policy import Organisation
from bot.workflows import Workflow
from storage.columns import from_micros, to_micros

_HOUR = 3_600_000_000
_QUARTER = _HOUR // 4
_DAY = _HOUR * 24
_MOST_SLOTS = 20_000


@dataclass(frozen=True, slots=True)
class Span:
    """A period in microseconds since 1970."""

    cap: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """The stretch `[start, end)` in which records of a workflow share their hour and periods."""

    workflow: str
    start: int
    end: int
    hour: int
    spans: tuple[Span, ...]

    def ended(self, at: int) -> frozenset[str]:
        """The caps whose period is over then."""
        return frozenset(span.cap for span in self.spans if span.end <= at)


class Ruler:
    """One workflow's calendar. Instants are microseconds since 1970."""

    def __init__(self, key: str, workflow: Workflow) -> None:
        self.key = key
        self._workflow = workflow
        self._slots: dict[int, Slot] = {}

    def slot(self, at: int) -> Slot:
        found = self._slots.get(at // _QUARTER)
        if found is None or not found.start <= at < found.end:
            found = self._measured(at)
            self._keep(found)
        return found

    def _keep(self, slot: Slot) -> None:
        # Zones are whole quarters of an hour off UTC; only an activation cuts finer.
        if len(self._slots) > _MOST_SLOTS:
            self._slots.clear()
        for quarter in range(slot.start // _QUARTER, (slot.end - 1) // _QUARTER + 1):
            self._slots[quarter] = slot

    def _measured(self, at: int) -> Slot:
        spans = tuple(map(_span, running_periods(self._workflow, from_micros(at))))
        # Zones that are not whole hours off UTC have an hour across its midnight: cut there.
        day = at - at % _DAY
        whole = at - (at - spans[0].start) % _HOUR
        hour = max(whole, day)
        edges = [edge for span in spans for edge in (span.start, span.end)]
        edges += [
            hour,
            whole + _HOUR,
            day + _DAY,
            to_micros(self._workflow.activated_at or FOREVER),
        ]
        start = max(edge for edge in edges if edge <= at)
        return Slot(self.key, start, min(edge for edge in edges if edge > at), hour, spans)


def _span(period: Period) -> Span:
    return Span(period.kind.value, to_micros(period.start), to_micros(period.end))


class Unmeasured(LookupError):
    """Rulers are wanted that were not learnt; the workflows' names are the arguments."""


class Rulers:
    """The rulers of one state of the registry, by the workflow names that records carry.

    A name the registry does not know is measured by the organisation's calendar.
    """

    def __init__(self) -> None:
        self._by_name: dict[str, Ruler] = {}

    def __getitem__(self, name: str) -> Ruler:
        try:
            return self._by_name[name]
        except KeyError:
            raise Unmeasured(name) from None

    def lacking(self, names: Iterable[str]) -> set[str]:
        return {name for name in names if name not in self._by_name}

    def learn(
        self, names: Iterable[str], workflows: dict[str, Workflow], organisation: Organisation
    ) -> None:
        policy = organisation.policy
        nobody = Ruler(UNATTRIBUTED, nobodys(policy))
        for name in names:
            known = workflows.get(name)
            self._by_name[name] = (
                nobody if known is None else Ruler(known.key, counting(known, policy))
            )
        if UNMETERED in names:
            self._by_name[UNMETERED] = Ruler(UNMETERED, nobodys(policy))
