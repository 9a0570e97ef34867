"""Bills, line by line, as their sources say them now."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import psycopg
from sqlalchemy import text
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.charges import DAY, Bill, Charge, on_day, utc_day, utc_days
from storage.charge_lines import NAMES, ChargeLine, ChargeLines, line_of
from storage.columns import from_micros, to_micros
from storage.tables import LASTING, ChargeRow

_Row = ChargeRow
# With its number.
_Known = tuple[int, ChargeLine]
_OF_SOURCE = f'SELECT "seq", {NAMES} FROM charges WHERE "source" = :source'  # noqa: S608 - names of columns
_INSIDE = text(f'{_OF_SOURCE} AND "start" >= :start AND "start" < :end')
# As one parameter: so many parameters PostgreSQL goes through for every line that there is.
_IDS = {
    "sqlite": "SELECT value FROM json_each(:ids)",
    "postgresql": "SELECT unnest(CAST(:ids AS text[]))",
}
_ELSEWHERE = {name: text(f'{_OF_SOURCE} AND "id" IN ({ids})') for name, ids in _IDS.items()}
_OF_ACCOUNT = f'SELECT {NAMES} FROM charges WHERE "account" = :account'  # noqa: S608 - names of columns
# Said to be a select, or a rehearsal takes it for a write.
_OF_DAY: Any = text(
    f'{_OF_ACCOUNT} AND "start" >= :start AND "start" < :end UNION ALL '
    f'{_OF_ACCOUNT} AND "start" < :start AND "end" > :start AND {LASTING.text} '
    'ORDER BY "source", "id"'
).columns()


@dataclass(frozen=True)
class Replaced:
    """How many lines. `days`: those that lines touch which are new, changed or gone, by account."""

    added: int
    changed: int
    gone: int
    same: int
    days: frozenset[tuple[str, datetime]]


class Charges:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._lines = ChargeLines(session)

    async def replace(self, bill: Bill, now: datetime) -> Replaced:
        """Put the bill's lines in the place of what its source said of the stretch before; that is
        kept among the corrected, unless it is only final by now.
        """
        given = {charge.id: line_of(bill.source, charge) for charge in bill.charges}
        before = await self._inside(bill)
        try:
            async with self._session.begin_nested():
                return await self._put(given, before, now)
        except (sqlite3.IntegrityError, psycopg.IntegrityError):
            # A line has moved, which is so rare that it is not looked for before.
            before |= await self._elsewhere(bill.source, list(given))
            return await self._put(given, before, now)

    async def _put(
        self, given: Mapping[str, ChargeLine], before: Mapping[str, _Known], now: datetime
    ) -> Replaced:
        gone = [known for key, known in before.items() if key not in given]
        news = [line for key, line in given.items() if key not in before or before[key][1] != line]
        changed = [before[line.id] for line in news if line.id in before]
        corrected = [known for known in changed if _says_else(known[1], given)]
        await self._lines.keep([line for _, line in (*gone, *corrected)], to_micros(now))
        await self._lines.remove([number for number, _ in (*gone, *changed)])
        await self._lines.enter(news, to_micros(now))
        touched = [*news, *(line for _, line in (*gone, *changed))]
        return Replaced(
            len(news) - len(changed),
            len(changed),
            len(gone),
            len(given) - len(news),
            frozenset(_days((line.account, line.start, line.end) for line in touched)),
        )

    async def of_day(self, account: str, day: datetime) -> tuple[tuple[str, Charge], ...]:
        """With their source, in the order of their ids; of what lasts longer, the day's part."""
        within = {"account": account, "start": to_micros(day), "end": to_micros(day + DAY)}
        found = await self._session.exec(_OF_DAY, params=within)
        lines = (ChargeLine(*row) for row in found)
        return tuple((line.source, on_day(line.charge, day)) for line in lines)

    async def days(self, since: datetime) -> tuple[tuple[str, datetime], ...]:
        """The account and UTC day of every line, once each, from the day of `since`."""
        first, stretch = utc_day(since), select(_Row.account, _Row.start, _Row.end).distinct()
        begun = await self._session.exec(stretch.where(_Row.start >= first))
        lasting = await self._session.exec(
            stretch.where(_Row.start < first, _Row.end > first, LASTING)
        )
        touched = (
            (account, to_micros(start), to_micros(end))
            for account, start, end in (*begun, *lasting)
        )
        days = _days(touched)
        return tuple(sorted(day for day in days if day[1] >= first))

    async def _inside(self, bill: Bill) -> dict[str, _Known]:
        stretch = {"start": to_micros(bill.stretch.start), "end": to_micros(bill.stretch.end)}
        return _by_id(await self._rows(_INSIDE, {"source": bill.source, **stretch}))

    async def _elsewhere(self, source: str, ids: list[str]) -> dict[str, _Known]:
        dialect = self._session.get_bind().dialect.name
        wanted: Any = msgspec.json.encode(ids).decode() if dialect == "sqlite" else ids
        return _by_id(await self._rows(_ELSEWHERE[dialect], {"source": source, "ids": wanted}))

    async def _rows(self, statement: Any, given: Mapping[str, Any]) -> list[Any]:  # noqa: ANN401
        await self._session.flush()
        connection = await self._session.connection()
        return list((await connection.execute(statement, given)).all())


def _days(touched: Iterable[tuple[str, int, int]]) -> set[tuple[str, datetime]]:
    """The account and UTC day of each stretch."""
    return {
        (account, day)
        for account, start, end in set(touched)
        for day in utc_days(from_micros(start), from_micros(end))
    }


def _says_else(line: ChargeLine, given: Mapping[str, ChargeLine]) -> bool:
    """More than that it does not change any more."""
    return line._replace(final=given[line.id].final) != given[line.id]


def _by_id(rows: list[Any]) -> dict[str, _Known]:
    lines = ((number, ChargeLine(*row)) for number, *row in rows)
    return {line.id: (number, line) for number, line in lines}
