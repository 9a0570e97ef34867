"""Which days of an account are to be settled, what is known of them, and what they came to."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, delete, exists, func, or_, text, type_coerce
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.account_months import Reconciled
from bot.charges import DAY, utc_day
from bot.money import from_nanos
from bot.reconciliation import Entry, Metered, Settlement
from bot.sources import RECONCILED
from bot.usage import CostBasis
from storage.columns import EPOCH, to_micros
from storage.parting import on_days
from storage.reading import clues_in, columns
from storage.tables import (
    LASTING,
    ChargeRow,
    ReconciledRow,
    UnreconciledRow,
    UsageHourRow,
    UsageRow,
)
from storage.usage_booking import MARK

_Mark = UnreconciledRow
_DAY = to_micros(EPOCH + DAY)
_MARKED = text(
    "INSERT INTO unreconciled_days (account, day, marked_at) "  # noqa: S608 - words of ours
    f"VALUES (:account, :day, :marked_at) {MARK}"
)


@dataclass(frozen=True)
class DayOfAccount:
    """As it was `marked_at`: every change of what it comes to marks it anew, or the registry."""

    account: str
    day: datetime
    marked_at: datetime


@dataclass(frozen=True)
class WorkedOut:
    """What a day comes to, and of how many lines, hours and records."""

    came_to: Settlement
    is_billed: bool
    size: int


# With the version of the registry.
Settlements = dict[tuple[DayOfAccount, int], WorkedOut]


class Reconciliations:
    """`worked_out`: what one process knows of days that are to be settled next. `holds`: others
    wait for what it gives out, which in a rehearsal nobody need do.
    """

    def __init__(self, session: AsyncSession, worked_out: Settlements, *, holds: bool) -> None:
        self._session = session
        self._holds = holds
        self.worked_out = worked_out

    async def mark(self, days: Iterable[tuple[str, datetime]], now: datetime) -> None:
        """To be settled again. In order, as whoever books marks them too."""
        marks = [
            {"account": account, "day": to_micros(day), "marked_at": to_micros(now)}
            for account, day in sorted(set(days))
        ]
        if marks:
            await (await self._session.connection()).execute(_MARKED, marks)

    async def due(self, now: datetime, most: int) -> tuple[DayOfAccount, ...]:
        """The next to settle of those that have begun, which are this caller's until its ledger
        closes. Whoever books into one meanwhile waits, and marks it again.
        """
        wanted = select(_Mark.account, _Mark.day, _Mark.marked_at).where(_Mark.day <= now)
        wanted = wanted.order_by(col(_Mark.account), col(_Mark.day)).limit(most)
        if self._holds:
            wanted = wanted.with_for_update(skip_locked=True)
        found = await self._session.exec(wanted)
        return tuple(DayOfAccount(*one) for one in found)

    async def unmark(self, day: DayOfAccount) -> None:
        """It is settled. Marked again, it may come to something else."""
        mine = delete(_Mark).where(col(_Mark.account) == day.account, col(_Mark.day) == day.day)
        await self._session.exec(mine)
        for known in [one for one in self.worked_out if one[0] == day]:
            del self.worked_out[known]

    async def metered(self, account: str, day: datetime) -> tuple[Metered, ...]:
        row = UsageHourRow
        within = row.account == account, row.hour >= day, row.hour < day + DAY
        cost, assumed = (type_coerce(amount, BigInteger) for amount in (row.cost, row.assumed))
        found = await self._session.exec(
            columns(row.workflow, row.hour, row.model, cost, assumed)
            .where(*within, col(row.records) != 0)
            .order_by(col(row.workflow), col(row.hour), col(row.model))
        )
        return tuple(Metered(*one) for one in found)

    async def booked(self, account: str, day: datetime) -> dict[str, Entry]:
        """What reconciling has booked of the day, by id."""
        row = UsageRow
        cost = type_coerce(col(row.cost), BigInteger)
        found = await self._session.exec(
            columns(
                row.id, row.workflow, row.at, row.model, row.user, row.clues, cost, row.basis
            ).where(row.source == f"{RECONCILED}{account}", *on_days(row.id, day, day))
        )
        return {one[0]: _entry(one) for one in found}

    async def save(self, account: str, day: datetime, came_to: Settlement, now: datetime) -> None:
        row = await self._session.get(ReconciledRow, (account, day))
        said = _money(came_to)
        if row is None:
            row = ReconciledRow(
                account=account, day=day, final=False, settled=False, at=now, **said
            )
        for name, amount in said.items():
            setattr(row, name, amount)
        row.final, row.settled, row.at = came_to.final, came_to.settled, now
        self._session.add(row)
        await self._session.flush()

    async def forget(self, account: str, day: datetime) -> None:
        """No bill tells of it any more."""
        row = ReconciledRow
        await self._session.exec(
            delete(row).where(col(row.account) == account, col(row.day) == day)
        )

    async def between(
        self, start: datetime, end: datetime, account: str | None = None
    ) -> tuple[Reconciled, ...]:
        """The days that begin in `[start, end)`, by account and day."""
        row = ReconciledRow
        wanted = select(row).where(row.day >= start, row.day < end)
        if account is not None:
            wanted = wanted.where(row.account == account)
        found = await self._session.exec(wanted.order_by(col(row.account), col(row.day)))
        return tuple(Reconciled(**one.model_dump()) for one in found)

    async def waits(self, since: datetime, marked: datetime, now: datetime) -> bool:
        """Whether a day from that of `since` on, which was marked until then, can be settled."""
        days = select(_Mark.account).where(_Mark.day >= utc_day(since), _Mark.day <= now)
        found = await self._session.exec(days.where(_Mark.marked_at <= marked).limit(1))
        return found.first() is not None

    async def waiting_between(self, start: datetime, end: datetime) -> Mapping[str, int]:
        """Days of `[start, end)` that wait and that a bill tells of, or told of, by account."""
        found = await self._session.exec(
            select(_Mark.account, func.count())
            .where(_Mark.day >= start, _Mark.day < end, or_(*_told()))
            .group_by(_Mark.account)
        )
        return dict(found.all())


def _told() -> Iterator[Any]:
    """What a marked day is told by: its note, lines that begin on it, lines that last till then."""
    row, line = ReconciledRow, ChargeRow
    day, begins = col(_Mark.day), type_coerce(col(line.start), BigInteger)
    tomorrow = type_coerce(day, BigInteger) + _DAY
    yield exists().where(col(row.account) == _Mark.account, col(row.day) == day)
    mine = exists().where(col(line.account) == _Mark.account, begins < tomorrow)
    yield mine.where(col(line.start) >= day)
    yield mine.where(col(line.start) < day, col(line.end) > day, LASTING)


def _money(came_to: Settlement) -> Mapping[str, Any]:
    names = ("billed", "realtime", "workflows", "unattributed", "unmetered")
    return {name: from_nanos(getattr(came_to, name)) for name in names}


def _entry(row: Any) -> Entry:  # noqa: ANN401
    id, workflow, at, model, person, clues, nanos, basis = row  # noqa: A001 - its name
    known = clues_in(clues)
    return Entry(id, workflow, at, model, person, known, nanos or 0, CostBasis(basis))
