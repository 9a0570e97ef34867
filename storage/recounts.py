"""Records told anew whose they are and what they cost, after the rules have changed."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rule_changes import reaches_closed
from storage.tables import RecountRow, UsageRow

_Row = RecountRow
# Undone at once, a lock is a gate: whoever wrote before is through, whoever comes waits no longer.
_GATE = (
    text("SAVEPOINT gate"),
    text("LOCK TABLE usage IN SHARE ROW EXCLUSIVE MODE"),
    text("ROLLBACK TO SAVEPOINT gate"),
)


# Of two marks at one instant the second is a little later.
_SAME = timedelta(seconds=1)


@dataclass(frozen=True)
class Recount:
    """Of the records since an instant. `cursor` to `until`: the numbers still to look at."""

    id: int
    since: datetime
    cursor: int
    until: int
    begun: bool
    looked_at: int
    moved: int
    wanted_by: str
    wanted_at: datetime
    done_at: datetime | None

    @property
    def per_cent(self) -> int:
        """Of its records, how many are done; 100 only at the end."""
        left = max(self.until - self.cursor, 0) + (self.done_at is None)
        return 100 * self.looked_at // max(self.looked_at + left, 1)

    def has_marked(self, at: datetime) -> bool:
        """Whether it is what has marked a day at that moment, to be settled again."""
        return self.wanted_at <= at and (self.done_at is None or at < self.done_at + _SAME)

    @property
    def reaches_closed(self) -> bool:
        """Whoever wanted it asked for months that were over then."""
        return reaches_closed(self.since, self.wanted_at)


class Recounts:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def want(self, since: datetime, by: str, now: datetime) -> Recount:
        """Those booked after this moment know the new rules already."""
        cursor, until = await self.numbers(since)
        row = _Row(since=since, cursor=cursor, until=until, wanted_by=by, wanted_at=now)
        self._session.add(row)
        await self._session.flush()
        return _recount(row)

    async def numbers(self, since: datetime) -> tuple[int, int]:
        """Behind which and up to which records may be that came since."""
        until = (await self._session.exec(select(func.max(UsageRow.seq)))).one() or 0
        return await self._before(since, until), until

    async def next(self) -> Recount | None:
        """The oldest that is not done, for one caller until its ledger closes."""
        found = await self._session.exec(
            select(_Row)
            .where(col(_Row.done_at).is_(None))
            .order_by(col(_Row.id))
            .limit(1)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        )
        row = found.first()
        return None if row is None else _recount(row)

    async def begin(self, recount: Recount) -> Recount:
        """Wait for whoever books at this moment, maybe by what was known before, and include it."""
        if self._session.get_bind().dialect.name != "sqlite":
            connection = await self._session.connection()
            for statement in _GATE:
                await connection.execute(statement)
        until = (await self._session.exec(select(func.max(UsageRow.seq)))).one() or 0
        row = await self._session.get_one(_Row, recount.id)
        row.until, row.begun = max(until, recount.until), True
        self._session.add(row)
        await self._session.flush()
        return replace(recount, until=row.until, begun=True)

    async def running(self) -> tuple[Recount, ...]:
        found = await self._session.exec(
            select(_Row).where(col(_Row.done_at).is_(None)).order_by(col(_Row.id))
        )
        return tuple(map(_recount, found))

    async def get(self, number: int) -> Recount | None:
        row = await self._session.get(_Row, number, populate_existing=True)
        return None if row is None else _recount(row)

    async def last(self) -> Recount | None:
        row = (
            await self._session.exec(select(_Row).order_by(col(_Row.id).desc()).limit(1))
        ).first()
        return None if row is None else _recount(row)

    async def save(self, recount: Recount) -> None:
        row = await self._session.get_one(_Row, recount.id)
        row.cursor, row.looked_at, row.moved = recount.cursor, recount.looked_at, recount.moved
        row.done_at = recount.done_at
        self._session.add(row)
        await self._session.flush()

    async def _before(self, since: datetime, until: int) -> int:
        """A number before which nothing was received since. Numbers grow with the moment of
        receiving; a correction only makes one look newer, so that more is looked at.
        """
        low, high = 0, until
        while low < high:
            middle = (low + high) // 2
            received = await self._received(middle, high)
            if received is None or received >= since:
                high = middle
            else:
                low = middle + 1
        return max(low - 1, 0)

    async def _received(self, first: int, last: int) -> datetime | None:
        """By the first record from this number."""
        row = UsageRow
        found = await self._session.exec(
            select(row.received_at)
            .where(col(row.seq) >= first, col(row.seq) <= last)
            .order_by(col(row.seq))
            .limit(1)
        )
        return found.first()


def _recount(row: RecountRow) -> Recount:
    return Recount(
        row.id or 0,
        row.since,
        row.cursor,
        row.until,
        row.begun,
        row.looked_at,
        row.moved,
        row.wanted_by,
        row.wanted_at,
        row.done_at,
    )
