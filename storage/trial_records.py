"""Records that rules are tried on, added up where no rule can tell them apart."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Subquery, case, func, not_, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.attribution import Clue, Rule, Trace, name_said
from bot.rule_trials import Alike, Edges
from bot.sources import RECONCILED
from bot.trial_days import AccountDay
from storage.former_owners import before_recount, still_there
from storage.matching import Columns, may_match
from storage.parting import day_of, instant_of, part_of, parts_since
from storage.reading import clues_in, columns, nanos_of, rows_of, tags_in
from storage.tables import UsageRow

_Row = UsageRow
_COST: Any = nanos_of(_Row.cost)
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


async def before_newest(most: int, session: AsyncSession) -> int:
    """The number of a record behind which come at most as many."""
    last = (await session.exec(select(func.max(_Row.seq)))).one() or 0
    return max(last - most, 0)


async def back_to(first: int, since: datetime, session: AsyncSession) -> datetime | None:
    """When the newest record came that has no higher number, if it is one of those asked for."""
    if not first:
        return None
    left = select(_Row.at).where(col(_Row.seq) <= first).order_by(col(_Row.seq).desc()).limit(1)
    at = (await session.exec(left)).first()
    return at if at is not None and at >= since else None


class TrialRecords:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def alike(
        self,
        edges: Edges,
        most: int,
        rules: Sequence[Rule],
        *,
        clues: Collection[Clue],
        accounts: Collection[str],
    ) -> LookedAt:
        """Records since an instant that one of the rules may match, or whose move is undone, among
        at most as many of the newest. `clues`: by these, if at all, rules tell them apart;
        `accounts`: those of these are apart by UTC day. Lines of bills are none of them.
        """
        first, since = await before_newest(most, self._session), edges.since
        parts = parts_since(since, edges.all())
        apart = {"part": part_of(_Row.at, parts), **_apart(clues, accounts)}
        former = None if edges.undoes is None else before_recount(edges.undoes.recount)
        if former is not None:
            apart["was"] = former.c.workflow
        who = (_Row.workflow, _Row.declared, _Row.clues, _Row.rule)
        named = [one.label(f"by_{name}") for name, one in apart.items()]
        asked = columns(*who, _COST, func.count(), *named)
        found = await rows_of(
            self._session,
            _sought(asked, rules, former)
            .where(col(_Row.seq) > first, col(_Row.at) >= since, col(_Row.counts) == 1)
            .where(not_(col(_Row.source).startswith(RECONCILED)))
            .group_by(*who, *apart.values())
            .order_by(_COST.desc())
            .limit(_KINDS),
        )
        alike = _Alikes(parts, tuple(apart))
        # In a thread, as everybody else would wait for it.
        records = await asyncio.to_thread(alike.all, found)
        return LookedAt(records, await back_to(first, since, self._session), len(found) == _KINDS)


def _apart(clues: Collection[Clue], accounts: Collection[str]) -> dict[str, Any]:
    looked_at = {Clue.DECLARED: _Row.tags, Clue.PERSON: _Row.user, Clue.SOURCE: _Row.source}
    apart: dict[str, Any] = {clue: col(by) for clue, by in looked_at.items() if clue in clues}
    if accounts:
        billed = col(_Row.account).in_(accounts)
        apart["account"] = case((billed, col(_Row.account)), else_="")
        apart["day"] = case((billed, day_of(_Row.at)), else_=0)
    return apart


def _sought(asked: Any, rules: Sequence[Rule], former: Subquery | None) -> Any:  # noqa: ANN401
    matching = may_match(rules, _LOOKED_AT)
    if former is None:
        return asked.where(matching)
    moved = former.c.workflow.is_not(None)
    return asked.outerjoin(former, still_there(former)).where(or_(matching, moved))


class _Alikes:
    """Of rows; what many of them say is read once."""

    def __init__(self, parts: Sequence[datetime], apart: Sequence[str]) -> None:
        self._parts = parts
        self._apart = apart
        self._days: dict[tuple[str, int], AccountDay] = {}
        self._traces: dict[tuple[str, ...], Trace] = {}

    def all(self, rows: Iterable[Any]) -> tuple[Alike, ...]:
        return tuple(map(self.of, rows))

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
        was = told.get("was")
        return Alike(trace, workflow, rule, since, int(nanos), records, day, was)

    def _day(self, account: str, number: int) -> AccountDay:
        found = self._days.get((account, number))
        if found is None:
            found = self._days[account, number] = AccountDay(account, instant_of(number))
        return found


def _trace(tags: str, person: str, source: str, declared: str, clues: str) -> Trace:
    return Trace(clues_in(clues), declared, tags_in(tags), person, source)
