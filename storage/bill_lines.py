"""Reading bills: what they are made of, and what they said before."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, case, cast, func, type_coerce
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.account_months import Corrected, LineSum
from bot.charges import DAY, Category, trace_of
from bot.clearing import LinesOfDay
from bot.money import from_nanos
from storage.columns import from_micros, to_micros
from storage.parting import day_of, instant_of
from storage.reading import clues_in, columns, nanos_of, rows_of, tags_in
from storage.tables import ChargeRow, CorrectedChargeRow

_Row = ChargeRow


class BillLines:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def sums(
        self, account: str, sources: Collection[str], start: datetime, end: datetime, most: int
    ) -> tuple[LineSum, ...]:
        """Lines that begin in `[start, end)`, by all that rules look at; the dearest first."""
        told_by = (_Row.source, _Row.clues, _Row.tags, _Row.person, _Row.item, _Row.model)
        cost = nanos_of(_Row.cost)
        found = await rows_of(
            self._session,
            columns(*told_by, cost, func.count())
            .where(_Row.account == account, col(_Row.source).in_(sources))
            .where(_Row.start >= start, _Row.start < end)
            .group_by(*told_by)
            .order_by(func.abs(cost).desc(), *told_by)
            .limit(most),
        )
        return tuple(map(_sum, found))

    async def by_day(self, source: str) -> tuple[LinesOfDay, ...]:
        """All that it tells, by the UTC day that lines begin on and by account."""
        row, day = ChargeRow, day_of(ChargeRow.start)
        begins, ends = (type_coerce(at, BigInteger) for at in (row.start, row.end))
        # What is paid ahead tells nothing of what is used until then.
        through = func.max(case((col(row.category) == Category.USAGE.value, ends), else_=begins))
        found = await rows_of(
            self._session,
            columns(day, row.account, func.count(), nanos_of(row.cost), through)
            .where(row.source == source)
            .group_by(day, row.account),
        )
        return tuple(
            sorted(
                LinesOfDay(
                    instant_of(number), account, lines, from_nanos(int(nanos)), from_micros(until)
                )
                for number, account, lines, nanos, until in found
            )
        )

    async def corrected(
        self, account: str, sources: Collection[str], day: datetime, most: int
    ) -> tuple[Corrected, ...]:
        """What lines that touched a UTC day said before, the newest correction first."""
        row = CorrectedChargeRow
        was = col(row.was)
        start, end = (cast(was[name].as_string(), BigInteger) for name in ("start", "end"))
        found = await self._session.exec(
            select(row)
            .where(col(row.source).in_(sources), was["account"].as_string() == account)
            .where(start < to_micros(day + DAY), end > to_micros(day))
            .order_by(col(row.seq).desc())
            .limit(most)
        )
        rows = found.all()
        now = await self._now({(one.source, one.id) for one in rows})
        return tuple(
            Corrected(
                one.id,
                str(one.was["item"] or one.was["model"]),
                Decimal(one.was["cost"]),
                one.corrected_at,
                now.get((one.source, one.id)),
            )
            for one in rows
        )

    async def _now(self, lines: set[tuple[str, str]]) -> dict[tuple[str, str], Decimal]:
        sources, names = ({line[part] for line in lines} for part in (0, 1))
        found = await self._session.exec(
            select(_Row).where(col(_Row.source).in_(sources), col(_Row.id).in_(names))
        )
        return {(row.source, row.id): row.cost for row in found}


def _sum(found: tuple[str, str, str, str, str, str, int, int]) -> LineSum:
    source, clues, tags, person, item, model, nanos, lines = found
    trace = trace_of(
        clues_in(clues),
        tags_in(tags),
        person,
        source,
    )
    return LineSum(trace, item or model, from_nanos(int(nanos)), lines)
