"""Which days of an account are to be settled, what is known of them, and what they came to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import delete, func, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.account_months import Reconciled
from bot.attribution import NO_CLUES, Clues
from bot.charges import DAY, utc_day
from bot.money import ZERO, from_nanos, to_nanos
from bot.reconciliation import Entry, Metered, Settlement
from bot.sources import RECONCILED
from bot.usage import CostBasis
from storage.columns import to_micros
from storage.tables import ReconciledRow, UnreconciledRow, UsageHourRow, UsageRow

_Mark = UnreconciledRow
_MARKED = text(
    "INSERT INTO unreconciled_days (account, day, marked_at) VALUES (:account, :day, :marked_at) "
    "ON CONFLICT (account, day) DO UPDATE SET marked_at = excluded.marked_at"
)


@dataclass(frozen=True)
class DayOfAccount:
    account: str
    day: datetime


class Reconciliations:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def mark(self, days: Iterable[tuple[str, datetime]], now: datetime) -> None:
        """To be settled again. In order, as whoever books marks them too."""
        marks = [
            {"account": account, "day": to_micros(day), "marked_at": to_micros(now)}
            for account, day in sorted(set(days))
        ]
        if marks:
            await (await self._session.connection()).execute(_MARKED, marks)

    async def take(self, now: datetime) -> DayOfAccount | None:
        """The next to settle of those that have begun, which is this caller's until its ledger
        closes. Whoever books into it meanwhile waits, and marks it again.
        """
        wanted = select(_Mark.account, _Mark.day).where(_Mark.day <= now)
        wanted = wanted.order_by(col(_Mark.account), col(_Mark.day)).limit(1)
        found = (await self._session.exec(wanted.with_for_update(skip_locked=True))).first()
        if found is None:
            return None
        day = DayOfAccount(*found)
        mine = delete(_Mark).where(col(_Mark.account) == day.account, col(_Mark.day) == day.day)
        await self._session.exec(mine)
        return day

    async def metered(self, account: str, day: datetime) -> tuple[Metered, ...]:
        row = UsageHourRow
        found = await self._session.exec(
            select(row)
            .where(row.account == account, row.hour >= day, row.hour < day + DAY)
            .where(col(row.records) != 0)
            .order_by(col(row.workflow), col(row.hour), col(row.model))
            .execution_options(populate_existing=True)
        )
        return tuple(
            Metered(one.workflow, one.hour, one.model, to_nanos(one.cost), to_nanos(one.assumed))
            for one in found
        )

    async def booked(self, account: str, day: datetime) -> dict[str, Entry]:
        """What reconciling has booked of the day, by id."""
        row = UsageRow
        prefix = f"{day:%Y-%m-%d}"
        found = await self._session.exec(
            select(row)
            .where(row.source == f"{RECONCILED}{account}")
            .where(row.id >= f"{prefix}|", row.id < f"{prefix}}}")
            .execution_options(populate_existing=True)
        )
        return {one.id: _entry(one) for one in found}

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

    async def waiting(self) -> int:
        return len((await self._session.exec(select(_Mark.account))).all())

    async def waits(self, since: datetime, marked: datetime, now: datetime) -> bool:
        """Whether a day from that of `since` on, which was marked until then, can be settled."""
        days = select(_Mark.account).where(_Mark.day >= utc_day(since), _Mark.day <= now)
        found = await self._session.exec(days.where(_Mark.marked_at <= marked).limit(1))
        return found.first() is not None

    async def waiting_between(self, start: datetime, end: datetime) -> Mapping[str, int]:
        """Days of `[start, end)` that wait, by account."""
        found = await self._session.exec(
            select(_Mark.account, func.count())
            .where(_Mark.day >= start, _Mark.day < end)
            .group_by(_Mark.account)
        )
        return dict(found.all())


def _money(came_to: Settlement) -> Mapping[str, Any]:
    names = ("billed", "realtime", "workflows", "unattributed", "unmetered")
    return {name: from_nanos(getattr(came_to, name)) for name in names}


def _entry(row: UsageRow) -> Entry:
    clues = msgspec.json.decode(row.clues, type=Clues) if row.clues else NO_CLUES
    nanos = to_nanos(row.cost or ZERO)
    basis = CostBasis(row.basis)
    return Entry(row.id, row.workflow, row.at, row.model, row.user, clues, nanos, basis)
