from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from bot.drafts import Cause, Draft, DraftState
from bot.periods import CapKind, Period
from bot.refusal import Unknown
from bot.requests import Until
from bot.workflows import Status
from storage.alerts import running_totals, used_of
from storage.once import add_once
from storage.tables import DraftRow, PeriodTotalRow, WorkflowRow

_PLAIN = (
    "id",
    "workflow",
    "amount",
    "reason",
    "addressed_to",
    "drafted_at",
    "settled_by",
    "settled_at",
)


class Drafts:
    """Requests that the bot has drafted."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, draft: Draft) -> bool:
        """False when this period of the cap has had one."""
        return await add_once(self._session, _row(draft))

    async def get(self, draft: str) -> Draft:
        """As it is now, whatever was read before. Raises Unknown."""
        found = await self._where(col(DraftRow.id) == draft)
        if not found:
            raise Unknown("There is no such draft.")
        return found[0]

    async def settle(self, draft: Draft) -> bool:
        """Save how it ended; False when it had ended before (law 7)."""
        settled = await self._session.exec(
            update(DraftRow)
            .where(col(DraftRow.id) == draft.id, _open())
            .values(
                state=draft.state.value, settled_by=draft.settled_by, settled_at=draft.settled_at
            )
            .execution_options(synchronize_session=False)
        )
        return bool(settled.rowcount)

    async def open_for(self, workflow: str, cap: CapKind) -> tuple[Draft, ...]:
        return await self._where(
            col(DraftRow.workflow) == workflow, col(DraftRow.cap) == cap.value, _open()
        )

    async def over(self, now: datetime) -> tuple[Draft, ...]:
        """Open ones whose period has ended."""
        return await self._where(_open(), col(DraftRow.end) <= now)

    async def running(
        self, workflows: Iterable[str], now: datetime
    ) -> dict[tuple[str, CapKind, datetime], Draft]:
        """Those of periods that are not over, whatever became of them."""
        found = await self._where(
            col(DraftRow.workflow).in_(set(workflows)), col(DraftRow.end) > now
        )
        return {(one.workflow, one.period.kind, one.period.start): one for one in found}

    async def near_soft_limit(self, now: datetime) -> frozenset[str]:
        """Active workflows that have used as many per cent of a cap without its overrides, where
        the period has had no draft. One question per cap.
        """
        found: set[str] = set()
        for kind in CapKind:
            found |= set(await self._session.exec(_near_soft_limit(kind, now)))
        return frozenset(found)

    async def _where(self, *conditions: ColumnElement[bool]) -> tuple[Draft, ...]:
        rows = await self._session.exec(
            select(DraftRow)
            .where(*conditions)
            .order_by(col(DraftRow.drafted_at), col(DraftRow.id))
            .execution_options(populate_existing=True)
        )
        return tuple(map(_draft, rows))


def _near_soft_limit(kind: CapKind, now: datetime) -> SelectOfScalar[str]:
    row, total, draft = WorkflowRow, PeriodTotalRow, DraftRow
    cap = getattr(row, f"{kind.value}_cap")
    had = select(draft.id).where(
        col(draft.workflow) == col(row.key),
        col(draft.cap) == kind.value,
        col(draft.start) == col(total.start),
    )
    return (
        select(row.key)
        .join(total, running_totals(kind, now))
        .where(row.status == Status.ACTIVE.value, cap.is_not(None), ~had.exists())
        .where(used_of(cap, col(row.soft_limit)))
    )


def _open() -> ColumnElement[bool]:
    return col(DraftRow.state) == DraftState.OPEN.value


def _row(draft: Draft) -> DraftRow:
    return DraftRow(
        **{name: getattr(draft, name) for name in _PLAIN},
        cap=draft.period.kind.value,
        start=draft.period.start,
        end=draft.period.end,
        until=draft.until.value,
        cause=draft.cause.value,
        state=draft.state.value,
    )


def _draft(row: DraftRow) -> Draft:
    return Draft(
        **{name: getattr(row, name) for name in _PLAIN},
        period=Period(CapKind(row.cap), row.start, row.end),
        until=Until(row.until),
        cause=Cause(row.cause),
        state=DraftState(row.state),
    )
