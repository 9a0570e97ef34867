"""Bills by what rules look at, and what stands of their days."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import case, func
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.attribution import Rule
from bot.charges import DAY, Charge, on_day, trace_of, utc_day, utc_days
from bot.money import from_nanos
from bot.sources import RECONCILED
from bot.trial_days import AccountDay, DayOnTrial, LinesAlike, Standing
from storage.matching import Columns, may_match
from storage.parting import (
    day_of,
    instant_of,
    number_of,
    on_days,
    part_of,
    parts_since,
)
from storage.reading import clues_in, columns, nanos_of, rows_of, tags_in
from storage.tables import LASTING, ChargeRow, UsageHourRow, UsageRow

_Row = ChargeRow
_LOOKED_AT = Columns(_Row.person, _Row.source, _Row.tags, _Row.clues)
# Shared among its days, one line is not what several are together.
_ALONE: Any = case((LASTING, col(_Row.seq)), else_=0)


@dataclass
class Touching:
    """How many lines touch a day, and how many of them a rule may match."""

    lines: int = 0
    matching: int = 0


class BillTraces:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def days(
        self, since: datetime, rules: Sequence[Rule], counting: Collection[tuple[str, str]]
    ) -> Mapping[AccountDay, Touching]:
        """From the UTC day of `since`. `counting`: (source, account) of the bills that do."""
        first, told = utc_day(since), defaultdict[AccountDay, Touching](Touching)
        for source, account, day, lines, matching in await self._begun(first, rules):
            if (source, account) in counting:
                _count(told[AccountDay(account, instant_of(day))], lines, matching)
        for source, account, start, end, lines, matching in await self._lasting(first, rules):
            # The day on which it begins is among the others.
            days = (day for day in utc_days(start, end) if day >= first and day > start)
            for day in days if (source, account) in counting else ():
                _count(told[AccountDay(account, day)], lines, matching)
        return told

    async def on_trial(
        self,
        account: str,
        days: Sequence[datetime],
        sources: Collection[str],
        edges: Sequence[datetime],
    ) -> Mapping[AccountDay, DayOnTrial]:
        """What such days are made of. `edges`: instants that part them."""
        parts = parts_since(min(days), edges)
        lines = await self._lines(account, days, sources)
        seen = await self._seen(account, days, parts)
        booked = await self._booked(account, days, parts)
        return {
            AccountDay(account, day): DayOnTrial(day, lines[day], seen[day], booked[day])
            for day in days
        }

    async def _begun(self, first: datetime, rules: Sequence[Rule]) -> list[Any]:
        who = (_Row.source, _Row.account, day_of(_Row.start))
        sums = func.count(), func.sum(case((may_match(rules, _LOOKED_AT), 1), else_=0))
        wanted = columns(*who[:2], who[2].label("day"), *sums).where(_Row.start >= first)
        return await rows_of(self._session, wanted.group_by(*who))

    async def _lasting(self, first: datetime, rules: Sequence[Rule]) -> list[Any]:
        who = (_Row.source, _Row.account, _Row.start, _Row.end)
        sums = func.count(), func.sum(case((may_match(rules, _LOOKED_AT), 1), else_=0))
        return await rows_of(
            self._session, columns(*who, *sums).where(_Row.end > first, LASTING).group_by(*who)
        )

    async def _lines(
        self, account: str, days: Sequence[datetime], sources: Collection[str]
    ) -> Mapping[datetime, list[LinesAlike]]:
        first, wanted = min(days), frozenset(days)
        numbers = list(map(number_of, days))
        mine = col(_Row.account) == account, col(_Row.source).in_(sources)
        begun = (_Row.start >= first, day_of(_Row.start).in_(numbers))
        lasting = (_Row.end > first, LASTING, day_of(_Row.start).not_in(numbers))
        found: dict[datetime, list[LinesAlike]] = defaultdict(list)
        for among in (begun, lasting):
            asked = _GROUPED.where(*mine, *among).group_by(*_BY)
            for one in map(_alike, await rows_of(self._session, asked)):
                for day in utc_days(one.charge.start, one.charge.end):
                    if day in wanted:
                        found[day].append(one._replace(charge=on_day(one.charge, day)))
        return found

    async def _seen(
        self, account: str, days: Sequence[datetime], parts: Sequence[datetime]
    ) -> Mapping[datetime, list[Standing]]:
        row = UsageHourRow
        day, part = day_of(row.hour), part_of(row.hour, parts)
        found = await rows_of(
            self._session,
            _parted(row, day, part, func.sum(col(row.records)))
            .where(row.account == account, row.hour >= min(days), row.hour < max(days) + DAY)
            .where(col(row.records) != 0, day.in_(list(map(number_of, days)))),
        )
        return _standing(found, instant_of, parts)

    async def _booked(
        self, account: str, days: Sequence[datetime], parts: Sequence[datetime]
    ) -> Mapping[datetime, list[Standing]]:
        row = UsageRow
        day, part = func.substr(col(row.id), 1, _DATE), part_of(row.at, parts)
        found = await rows_of(
            self._session,
            _parted(row, day, part, func.count()).where(
                row.source == f"{RECONCILED}{account}", *on_days(row.id, min(days), max(days))
            ),
        )
        return _standing(found, _midnight, parts)


_DATE = len("2026-11-16")
_TOLD = (
    *(_Row.source, _Row.account, _Row.start, _Row.end, _Row.final),
    *(_Row.person, _Row.clues, _Row.tags),
)
_BY = (*_TOLD, _ALONE)
_GROUPED: Any = columns(*_TOLD, nanos_of(_Row.cost), func.count())


def _count(told: Touching, lines: int, matching: int) -> None:
    told.lines += lines
    told.matching += int(matching)


def _alike(row: Any) -> LinesAlike:  # noqa: ANN401
    source, account, start, end, final, person, clues, tags, nanos, lines = row
    known = clues_in(clues)
    cost = from_nanos(int(nanos))
    charge = Charge("", account, start, end, cost, bool(final), person=person, clues=known)
    return LinesAlike(charge, trace_of(known, tags_in(tags), person, source), lines)


def _midnight(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def _parted(row: Any, day: Any, part: Any, records: Any) -> Any:  # noqa: ANN401
    """Sums of each workflow, by day and stretch."""
    sums = nanos_of(row.cost), records
    named = row.workflow, day.label("day"), part.label("part")
    return columns(*named, *sums).group_by(row.workflow, day, part)


def _standing(
    found: Iterable[Any], begun: Callable[[Any], datetime], parts: Sequence[datetime]
) -> Mapping[datetime, list[Standing]]:
    """By UTC day, which `begun` reads; a stretch begins with it where it began before."""
    held: dict[datetime, list[Standing]] = defaultdict(list)
    for workflow, number, part, nanos, records in found:
        day = begun(number)
        held[day].append(Standing(workflow, max(day, parts[part]), int(nanos), int(records)))
    return held
