"""What the UTC days of an account hold now: as figures show it, and by the lines of its bill."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import case, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.account_months import DayFigures
from bot.attribution import UNATTRIBUTED, UNMETERED
from bot.charges import DAY, Stretch, nanos_on, utc_days
from bot.money import from_nanos, to_nanos
from bot.sources import RECONCILED
from storage.parting import day_of, instant_of, on_days
from storage.reading import columns, nanos_of, rows_of
from storage.tables import LASTING, ChargeRow, UnreconciledRow, UsageHourRow, UsageRow

_PLACES = _WORKFLOWS, _NOBODYS, _UNSEEN = range(3)
# A line of one day.
_WITHIN = text(f"not ({LASTING.text})")
_Sums = dict[datetime, int]


class AccountFigures:
    """Added up from what budgets are, not from what was noted when a day was settled."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(
        self, account: str, sources: Collection[str], start: datetime, end: datetime
    ) -> Mapping[datetime, DayFigures]:
        """By UTC day of `[start, end)`, both of them midnights. `sources`: the bills that count."""
        seen = await self._seen(account, start, end)
        booked = await self._booked(account, start, end)
        billed = await self._billed(account, sources, start, end)
        waiting = await self._waiting(account, start, end)
        days = {day for sums in (*seen, *booked, billed) for day in sums}
        return {
            day: DayFigures(
                from_nanos(billed[day]),
                from_nanos(sum(sums[day] for sums in seen)),
                from_nanos(seen[_WORKFLOWS][day] + booked[_WORKFLOWS][day]),
                from_nanos(seen[_NOBODYS][day] + booked[_NOBODYS][day]),
                from_nanos(seen[_UNSEEN][day] + booked[_UNSEEN][day]),
                booked=any(sums[day] for sums in booked),
                waits=day in waiting,
            )
            for day in days
        }

    async def _seen(self, account: str, start: datetime, end: datetime) -> list[_Sums]:
        row = UsageHourRow
        return await self._by_place(
            (row.workflow, row.hour, row.cost),
            (row.account == account, row.hour >= start, row.hour < end),
        )

    async def _booked(self, account: str, start: datetime, end: datetime) -> list[_Sums]:
        row = UsageRow
        mine = (row.source == f"{RECONCILED}{account}", *on_days(row.id, start, end - DAY))
        return await self._by_place((row.workflow, row.at, row.cost), mine)

    async def _by_place(self, row: tuple[Any, Any, Any], where: tuple[Any, ...]) -> list[_Sums]:
        """Of workflows, of nobody, of what nobody saw."""
        workflow, at, cost = row
        nobodys, unseen = col(workflow) == UNATTRIBUTED, col(workflow) == UNMETERED
        place = case((nobodys, _NOBODYS), (unseen, _UNSEEN), else_=_WORKFLOWS)
        day = day_of(at)
        found = await rows_of(
            self._session,
            columns(place.label("place"), day.label("day"), nanos_of(cost))
            .where(*where)
            .group_by(place, day),
        )
        sums: list[_Sums] = [defaultdict(int) for _ in _PLACES]
        for number, on, nanos in found:
            sums[number][instant_of(on)] += int(nanos)
        return sums

    async def _billed(
        self, account: str, sources: Collection[str], start: datetime, end: datetime
    ) -> _Sums:
        row = ChargeRow
        mine = col(row.account) == account, col(row.source).in_(sources)
        day, sums = day_of(row.start), defaultdict[datetime, int](int)
        whole = (row.start >= start, row.start < end, _WITHIN)
        for number, nanos in await rows_of(
            self._session,
            columns(day.label("day"), nanos_of(row.cost)).where(*mine, *whole).group_by(day),
        ):
            sums[instant_of(number)] += int(nanos)
        lasting = (row.start < end, row.end > start, LASTING)
        found = await rows_of(
            self._session, columns(row.start, row.end, row.cost).where(*mine, *lasting)
        )
        for begins, ends, cost in found:
            for each in utc_days(begins, ends):
                if start <= each < end:
                    sums[each] += nanos_on(to_nanos(cost), Stretch(begins, ends), each)
        return sums

    async def _waiting(self, account: str, start: datetime, end: datetime) -> frozenset[datetime]:
        row = UnreconciledRow
        mine = select(row.day).where(row.account == account, row.day >= start, row.day < end)
        return frozenset(await self._session.exec(mine))
