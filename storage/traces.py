"""What records are known by that no workflow has, or that call themselves otherwise."""

import asyncio
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, case, func, literal, not_, union
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.attribution import UNATTRIBUTED, Trace
from bot.gaps import Unused
from bot.money import ZERO, from_nanos
from bot.rule_trials import Sum
from bot.sources import ADJUSTMENTS, RECONCILED, Kind, kind_kept
from bot.tagged import Tagged, by_tag
from bot.unclaimed import Contradiction, Nobodys
from storage.columns import from_micros
from storage.reading import clues_in, columns, nanos_of, rows_of, tags_in
from storage.tables import SourceRow, UsageHourRow, UsageRow
from storage.trial_records import before_newest

_Row = UsageRow
_COST: Any = nanos_of(_Row.cost)
_BILLED: Any = col(_Row.source).startswith(RECONCILED)
# Of the tags of records, the dearest.
_KINDS = 10_000
_WITH_KEYS = frozenset({Kind.API, Kind.GATEWAY, Kind.TELEMETRY})
# What reconciling has taken back is kept as nothing.
STANDS: Any = not_(and_(_BILLED, col(_Row.cost) == ZERO))


class Traces:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def nobodys(self, start: datetime, end: datetime, most: int) -> tuple[Nobodys, ...]:
        """The dearest first, of what belongs to no workflow."""
        who: tuple[Any, ...] = (_Row.source, _Row.declared, _Row.user, _Row.clues)
        found = await rows_of(
            self._session,
            columns(*who, _COST, func.count())
            .where(col(_Row.workflow) == UNATTRIBUTED, *_between(start, end))
            .group_by(*who)
            .order_by(_COST.desc(), *who)
            .limit(most),
        )
        return tuple(
            Nobodys(Trace(clues_in(clues), declared, (), user, source), int(nanos), records)
            for source, declared, user, clues, nanos, records in found
        )

    async def tagged(self, start: datetime, end: datetime, most: int) -> Tagged:
        """Of what belongs to no workflow, by tag."""
        who = (_Row.tags, _Row.declared)
        found = await rows_of(
            self._session,
            columns(*who, _COST, func.count())
            .where(col(_Row.workflow) == UNATTRIBUTED, *_between(start, end))
            .where(col(_Row.tags) != "")
            .group_by(*who)
            .order_by(_COST.desc(), *who)
            .limit(_KINDS),
        )
        # In a thread, as everybody else would wait for it.
        tagged = await asyncio.to_thread(by_tag, map(_tagged, found), most)
        return tagged._replace(partial=tagged.partial or len(found) == _KINDS)

    async def nobodys_sum(self, start: datetime, end: datetime) -> Sum:
        found = await rows_of(
            self._session,
            columns(
                _COST, func.count(), func.coalesce(func.sum(case((_BILLED, 1), else_=0)), 0)
            ).where(col(_Row.workflow) == UNATTRIBUTED, *_between(start, end)),
        )
        nanos, number, lines = found[0]
        return Sum(from_nanos(int(nanos)), number - int(lines), int(lines))

    async def declared(
        self, start: datetime, end: datetime, most: int
    ) -> tuple[tuple[str, Decimal], ...]:
        """What records that belong to no workflow called theirs, and USD: the dearest first."""
        found = await rows_of(
            self._session,
            columns(_Row.declared, _COST)
            .where(col(_Row.workflow) == UNATTRIBUTED, *_between(start, end))
            .group_by(_Row.declared)
            .order_by(_COST.desc(), _Row.declared)
            .limit(most),
        )
        return tuple((name, from_nanos(int(nanos))) for name, nanos in found)

    async def holds_any(self, start: datetime, end: datetime) -> bool:
        """Whether anything was recorded then, whoever has it."""
        row = aliased(UsageHourRow)
        accounts = _accounts()
        held = (
            columns(literal(1))
            .where(row.account == accounts.c.account, row.hour >= start, row.hour < end)
            .where(col(row.records) > 0)
            .exists()
        )
        return bool(await rows_of(self._session, columns(literal(1)).where(held).limit(1)))

    async def people(self, start: datetime, end: datetime, most: int) -> tuple[str, ...]:
        """Who is named by what is nobody's then, and by as many of the newest records."""
        unclaimed = col(_Row.workflow) == UNATTRIBUTED, col(_Row.at) >= start, col(_Row.at) < end
        newest = select(_Row.user).where(col(_Row.seq) > await before_newest(most, self._session))
        found = await rows_of(self._session, union(newest, select(_Row.user).where(*unclaimed)))
        return tuple(person for (person,) in found if person)

    async def contradicted(
        self, start: datetime, end: datetime, most: int
    ) -> tuple[Contradiction, ...]:
        """What calls itself otherwise than it is counted, the dearest first."""
        who: tuple[Any, ...] = (_Row.declared, _Row.workflow, _Row.rule)
        # As the index has it, or it is not seen to serve.
        contradicts = (
            col(_Row.declared) != literal("", literal_execute=True),
            col(_Row.workflow) != literal("", literal_execute=True),
            col(_Row.declared) != col(_Row.workflow),
        )
        found = await rows_of(
            self._session,
            columns(*who, _COST, func.count(), func.min(_Row.at))
            .where(*contradicts, *_between(start, end))
            .group_by(*who)
            .order_by(_COST.desc(), *who)
            .limit(most),
        )
        return tuple(
            Contradiction(
                declared, workflow, rule, Sum(from_nanos(int(nanos)), records), _instant(first)
            )
            for declared, workflow, rule, nanos, records, first in found
        )

    async def nobodys_sources(
        self, start: datetime, end: datetime, most: int
    ) -> tuple[Unused, ...]:
        """Sources that send or are read, and of which no workflow has ever had a record; the
        dearest first.
        """
        found = await rows_of(
            self._session,
            columns(_Row.source, SourceRow.kind, SourceRow.belongs_to, _COST, func.count())
            .join(SourceRow, col(SourceRow.name) == col(_Row.source), isouter=True)
            .where(col(_Row.workflow) == UNATTRIBUTED, *_between(start, end))
            .where(not_(_BILLED), col(_Row.source) != ADJUSTMENTS)
            .group_by(_Row.source, SourceRow.kind, SourceRow.belongs_to)
            .order_by(_COST.desc(), _Row.source)
            .limit(most),
        )
        sums = [
            Unused(name, Sum(from_nanos(int(nanos)), records), by_key=_has_key(kind, owner))
            for name, kind, owner, nanos, records in found
        ]
        return tuple([one for one in sums if not await self._is_used(one.name)])

    async def _is_used(self, source: str) -> bool:
        mine = select(_Row.seq).where(_Row.source == source, _Row.workflow != UNATTRIBUTED)
        return (await self._session.exec(mine.limit(1))).first() is not None


def _tagged(row: Any) -> Nobodys:  # noqa: ANN401
    tags, declared, nanos, records = row
    return Nobodys(Trace(declared=declared, tags=tags_in(tags)), int(nanos), records)


def _accounts() -> Any:  # noqa: ANN401
    """One after the other, each sought in the index: by the hour alone all roll-ups are read."""
    account = col(UsageHourRow.account)
    first = columns(func.min(account).label("account"))
    found = first.cte("accounts", recursive=True)
    following = columns(func.min(account)).where(account > found.c.account).scalar_subquery()
    return found.union_all(columns(following).where(found.c.account.is_not(None)))


def _has_key(kind: str | None, owner: str | None) -> bool:
    return kind is not None and kind_kept(kind, owner or "") in _WITH_KEYS


def _between(start: datetime, end: datetime) -> tuple[Any, ...]:
    return col(_Row.at) >= start, col(_Row.at) < end, col(_Row.counts) == 1, STANDS


def _instant(value: Any) -> datetime:  # noqa: ANN401 - some drivers lose the type of an aggregate
    return value if isinstance(value, datetime) else from_micros(int(value))
