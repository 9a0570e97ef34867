from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.freshness import FED_LATELY, Feed, Source, feed_of, together
from bot.pulls import Pull
from bot.silence import LOOKED_BACK
from bot.sources import (
    BILL,
    RECONCILED,
    Kind,
    Lane,
    Reported,
    SourceSetting,
    as_told,
    is_reconciled,
    kind_kept,
    lane_of,
    silenced,
)
from storage.organisation import Organisations
from storage.pulls import Pulls
from storage.silences import Silences
from storage.source_accounts import SourceAccounts
from storage.tables import SourceHourRow, SourceRow, SourceWorkflowRow

_Fed = SourceWorkflowRow
# Parameters; a statement of SQLite holds 32,766.
_AT_ONCE = 5_000


class Freshness:
    """How far each source has told, which workflows it feeds, and when it uses to be heard."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def sources(self) -> tuple[Source, ...]:
        """By name."""
        rows = {row.name: row for row in await self._session.exec(select(SourceRow))}
        reported = await SourceAccounts(self._session).all()
        settings = (await Organisations(self._session).get()).sources
        pulls = {pull.source: pull for pull in await Pulls(self._session).all()}
        told = await Silences(self._session).all()
        known = _Known(reported, settings)
        names = {*rows, *pulls, *(one.source for one in reported)}
        return tuple(
            known.source(name, rows.get(name), pulls.get(name), told.get(name))
            for name in sorted(names)
        )

    async def fresh_through(self) -> dict[str, datetime]:
        """The newest record of each source."""
        rows = await self._session.exec(select(SourceRow))
        return {row.name: row.last_at for row in rows if row.last_at is not None}

    async def feeds(self, workflows: Iterable[str], now: datetime) -> dict[str, tuple[Feed, ...]]:
        """The sources of which each workflow had spend lately, and the bills of their accounts."""
        fed = await self._fed(workflows, now - FED_LATELY)
        if not fed:
            return {}
        sources = {one.name: one for one in await self.sources()}
        bills = _bills(sources.values())
        found: dict[str, set[Feed]] = defaultdict(set)
        for row in fed:
            source = sources.get(row.source)
            if source is not None and source.tells:
                found[row.workflow].add(feed_of(source, now))
            account = _account(row)
            found[row.workflow] |= {feed_of(bill, now, account) for bill in bills.get(account, ())}
        return {workflow: together(feeds) for workflow, feeds in found.items()}

    async def fed_by(self, source: Source, since: datetime) -> tuple[str, ...]:
        """The workflows with spend from it, or on the accounts whose bill it is."""
        mine = col(_Fed.source) == source.name
        if source.lane is Lane.BILLED:
            shared_out = [f"{RECONCILED}{account}" for account in source.accounts]
            mine = mine | col(_Fed.account).in_(source.accounts) | col(_Fed.source).in_(shared_out)
        found = await self._session.exec(
            select(_Fed.workflow).where(mine, col(_Fed.last_at) >= since).distinct()
        )
        return tuple(sorted(found))

    async def arrivals(self, names: Iterable[str]) -> dict[str, list[datetime]]:
        """The hours in which something came of each, of four weeks before the last."""
        found: dict[str, list[datetime]] = {}
        for name in names:
            hours = await self._session.exec(
                select(SourceHourRow.hour)
                .where(SourceHourRow.source == name)
                .order_by(col(SourceHourRow.hour).desc())
                .limit(int(LOOKED_BACK.total_seconds() // 3600))
            )
            found[name] = list(hours)
        return found

    async def forget_arrivals(self, before: datetime) -> None:
        await self._session.exec(delete(SourceHourRow).where(col(SourceHourRow.hour) < before))

    async def _fed(self, workflows: Iterable[str], since: datetime) -> list[SourceWorkflowRow]:
        keys = sorted(set(workflows))
        found: list[SourceWorkflowRow] = []
        for at in range(0, len(keys), _AT_ONCE):
            some = col(_Fed.workflow).in_(keys[at : at + _AT_ONCE])
            rows = select(_Fed).where(some, col(_Fed.last_at) >= since)
            fresh = rows.execution_options(populate_existing=True)
            found += await self._session.exec(fresh)
        return found


class _Known:
    """Who counts where, worked out once for all sources."""

    def __init__(self, reported: frozenset[Reported], settings: tuple[SourceSetting, ...]) -> None:
        self._settings = settings
        self._silent = silenced(reported, settings)
        self._counting: dict[tuple[str, Lane], list[Reported]] = defaultdict(list)
        self._of: dict[str, list[Reported]] = defaultdict(list)
        for one in sorted(as_told(reported, settings)):
            self._of[one.source].append(one)
            if (one.source, one.account) not in self._silent:
                self._counting[one.account, self._lane(one.source, one.kind)].append(one)

    def source(
        self, name: str, row: SourceRow | None, pull: Pull | None, told: datetime | None
    ) -> Source:
        mine = self._of.get(name, [])
        kind = kind_kept(row.kind, row.belongs_to) if row else _asked_as(name, mine)
        lane = self._lane(name, kind)
        return Source(
            name,
            kind,
            lane,
            tuple(one.account for one in mine),
            row.last_at if row else None,
            row.last_received if row else None,
            row.records if row else 0,
            row.unpriced if row else 0,
            pull,
            tuple(self._outranked(mine, lane)),
            told,
        )

    def _lane(self, name: str, kind: Kind) -> Lane:
        return lane_of(name, kind, self._settings)

    def _outranked(self, mine: Iterable[Reported], lane: Lane) -> Iterable[tuple[str, str]]:
        for one in mine:
            if (one.source, one.account) in self._silent:
                others = self._counting.get((one.account, lane), [])
                others = sorted(others, key=lambda other: other.kind is not Kind.GATEWAY)
                yield one.account, others[0].source if others else ""


def _asked_as(name: str, mine: Sequence[Reported]) -> Kind:
    """What a source is that was asked and has not told anything yet."""
    if mine:
        return mine[0].kind
    return Kind.BILL if name.startswith(BILL) else Kind.GATEWAY


def _account(row: SourceWorkflowRow) -> str:
    """Whose bill tells of it: what reconciling books names its account by its source."""
    return row.source.removeprefix(RECONCILED) if is_reconciled(row.source) else row.account


def _bills(sources: Iterable[Source]) -> Mapping[str, list[Source]]:
    """By account; the bot's own book-keeping aside."""
    found: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        if source.lane is Lane.BILLED and source.is_listed:
            for account in filter(source.counts_for, {*source.accounts}):
                found[account].append(source)
    return found
