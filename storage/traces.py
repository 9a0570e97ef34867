"""What records are known by, added up where no rule can tell them apart."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import BigInteger, and_, case, func, literal, not_, true, type_coerce, union
from sqlalchemy import select as columns_of
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.attribution import NO_CLUES, UNATTRIBUTED, Clue, Clues, Rule, Trace, name_said
from bot.gaps import Unused
from bot.money import ZERO, from_nanos
from bot.rule_trials import Alike, Sum
from bot.sources import ADJUSTMENTS, RECONCILED, Kind, kind_kept
from bot.trial_days import AccountDay
from bot.unclaimed import Contradiction, Nobodys
from storage.columns import from_micros
from storage.matching import LookedAt as Columns
from storage.matching import may_match
from storage.parting import day_of, instant_of, part_of, parts_since
from storage.tables import SourceRow, UsageRow

_Row = UsageRow
# Its overloads know ten columns, all of one kind of name.
_columns: Any = columns_of
_COST: Any = func.coalesce(func.sum(type_coerce(col(_Row.cost), BigInteger)), 0)
_BILLED: Any = col(_Row.source).startswith(RECONCILED)
_WITH_KEYS = frozenset({Kind.API, Kind.GATEWAY, Kind.TELEMETRY})
# What reconciling has taken back is kept as nothing.
_STANDS: Any = not_(and_(_BILLED, col(_Row.cost) == ZERO))
# The dearest of what a rule can tell apart.
_KINDS = 50_000
_TOLD = (Clue.DECLARED, Clue.PERSON, Clue.SOURCE)
_LOOKED_AT = Columns(_Row.user, _Row.source, _Row.tags, _Row.clues, (_Row.declared, _Row.workflow))


class LookedAt(NamedTuple):
    """`back_to`: how far back it reaches, None where it is all that was asked for; `partial`: of
    those only the dearest kinds.
    """

    records: tuple[Alike, ...]
    back_to: datetime | None
    partial: bool


class Traces:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def nobodys(self, start: datetime, end: datetime, most: int) -> tuple[Nobodys, ...]:
        """The dearest first, of what belongs to no workflow."""
        who: tuple[Any, ...] = (_Row.source, _Row.declared, _Row.user, _Row.clues)
        found = await self._rows(
            _columns(*who, _COST, func.count())
            .where(col(_Row.workflow) == UNATTRIBUTED, *_between(start, end))
            .group_by(*who)
            .order_by(_COST.desc(), *who)
            .limit(most)
        )
        return tuple(
            Nobodys(Trace(_clues(clues), declared, (), user, source), int(nanos), records)
            for source, declared, user, clues, nanos, records in found
        )

    async def nobodys_sum(self, start: datetime, end: datetime) -> Sum:
        found = await self._rows(
            _columns(
                _COST, func.count(), func.coalesce(func.sum(case((_BILLED, 1), else_=0)), 0)
            ).where(col(_Row.workflow) == UNATTRIBUTED, *_between(start, end))
        )
        nanos, number, lines = found[0]
        return Sum(from_nanos(int(nanos)), number - int(lines), int(lines))

    async def people(self, start: datetime, end: datetime, most: int) -> tuple[str, ...]:
        """Who is named by what is nobody's then, and by as many of the newest records."""
        unclaimed = col(_Row.workflow) == UNATTRIBUTED, col(_Row.at) >= start, col(_Row.at) < end
        newest = select(_Row.user).where(col(_Row.seq) > await self._first(most))
        found = await self._rows(union(newest, select(_Row.user).where(*unclaimed)))
        return tuple(person for (person,) in found if person)

    async def alike(
        self,
        since: datetime,
        edges: Sequence[datetime],
        most: int,
        rules: Sequence[Rule] = (),
        *,
        clues: Collection[Clue] = tuple(Clue),
        accounts: Collection[str] = (),
    ) -> LookedAt:
        """Records since an instant that one of the rules may match (all, where none is given),
        among at most as many of the newest. `edges`: instants that part them, too; `clues`: by
        these, if at all, rules tell them apart; `accounts`: those of these are apart by UTC day.
        Lines of bills are none of them.
        """
        first = await self._first(most)
        parts = parts_since(since, edges)
        apart = {"part": part_of(_Row.at, parts)}
        looked_at = {Clue.DECLARED: _Row.tags, Clue.PERSON: _Row.user, Clue.SOURCE: _Row.source}
        apart |= {clue: col(named) for clue, named in looked_at.items() if clue in clues}
        if accounts:
            billed = col(_Row.account).in_(accounts)
            apart["account"] = case((billed, col(_Row.account)), else_="")
            apart["day"] = case((billed, day_of(_Row.at)), else_=0)
        who = (_Row.workflow, _Row.declared, _Row.clues, _Row.rule)
        named = [one.label(f"by_{name}") for name, one in apart.items()]
        found = await self._rows(
            _columns(*who, _COST, func.count(), *named)
            .where(col(_Row.seq) > first, col(_Row.at) >= since, col(_Row.counts) == 1)
            .where(not_(_BILLED), may_match(rules, _LOOKED_AT) if rules else true())
            .group_by(*who, *apart.values())
            .order_by(_COST.desc())
            .limit(_KINDS)
        )
        alike = _Alikes(parts, tuple(apart))
        records = tuple(map(alike.of, found))
        return LookedAt(records, await self._back_to(first, since), len(found) == _KINDS)

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
        found = await self._rows(
            _columns(*who, _COST, func.count(), func.min(_Row.at))
            .where(*contradicts, *_between(start, end))
            .group_by(*who)
            .order_by(_COST.desc(), *who)
            .limit(most)
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
        found = await self._rows(
            _columns(_Row.source, SourceRow.kind, SourceRow.belongs_to, _COST, func.count())
            .join(SourceRow, col(SourceRow.name) == col(_Row.source), isouter=True)
            .where(col(_Row.workflow) == UNATTRIBUTED, *_between(start, end))
            .where(not_(_BILLED), col(_Row.source) != ADJUSTMENTS)
            .group_by(_Row.source, SourceRow.kind, SourceRow.belongs_to)
            .order_by(_COST.desc(), _Row.source)
            .limit(most)
        )
        sums = [
            Unused(name, Sum(from_nanos(int(nanos)), records), by_key=_has_key(kind, owner))
            for name, kind, owner, nanos, records in found
        ]
        return tuple([one for one in sums if not await self._is_used(one.name)])

    async def _is_used(self, source: str) -> bool:
        mine = select(_Row.seq).where(_Row.source == source, _Row.workflow != UNATTRIBUTED)
        return (await self._session.exec(mine.limit(1))).first() is not None

    async def _first(self, most: int) -> int:
        last = (await self._session.exec(select(func.max(_Row.seq)))).one() or 0
        return max(last - most, 0)

    async def _back_to(self, first: int, since: datetime) -> datetime | None:
        """When the newest record came that was not looked at, if it is one of those asked for."""
        if not first:
            return None
        left = select(_Row.at).where(col(_Row.seq) <= first).order_by(col(_Row.seq).desc()).limit(1)
        at = (await self._session.exec(left)).first()
        return at if at is not None and at >= since else None

    async def _rows(self, statement: Any) -> list[Any]:  # noqa: ANN401
        connection = await self._session.connection()
        return list(await connection.execute(statement))


def _has_key(kind: str | None, owner: str | None) -> bool:
    return kind is not None and kind_kept(kind, owner or "") in _WITH_KEYS


def _between(start: datetime, end: datetime) -> tuple[Any, ...]:
    return col(_Row.at) >= start, col(_Row.at) < end, col(_Row.counts) == 1, _STANDS


def _clues(text: str) -> Clues:
    return msgspec.json.decode(text, type=Clues) if text else NO_CLUES


def _instant(value: Any) -> datetime:  # noqa: ANN401 - some drivers lose the type of an aggregate
    return value if isinstance(value, datetime) else from_micros(int(value))


class _Alikes:
    """Of rows; what many of them say is read once."""

    def __init__(self, parts: Sequence[datetime], apart: Sequence[str]) -> None:
        self._parts = parts
        self._apart = apart
        self._days: dict[tuple[str, int], AccountDay] = {}
        self._traces: dict[tuple[str, ...], Trace] = {}

    def of(self, row: Any) -> Alike:  # noqa: ANN401
        workflow, declared, clues, rule, nanos, records, *rest = row
        told = dict(zip(self._apart, rest, strict=True))
        who = (*(told.get(clue, "") for clue in _TOLD), name_said(workflow, declared, rule), clues)
        trace = self._traces.get(who)
        if trace is None:
            trace = self._traces[who] = _trace(*who)
        since, day = self._parts[told["part"]], None
        if told.get("account"):
            day = self._day(told["account"], told["day"])
            since = max(since, day.day)
        return Alike(trace, workflow, rule, since, int(nanos), records, day)

    def _day(self, account: str, number: int) -> AccountDay:
        found = self._days.get((account, number))
        if found is None:
            found = self._days[account, number] = AccountDay(account, instant_of(number))
        return found


def _trace(tags: str, person: str, source: str, declared: str, clues: str) -> Trace:
    known = tuple(msgspec.json.decode(tags)) if tags else ()
    return Trace(_clues(clues), declared, known, person, source)
