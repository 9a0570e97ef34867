from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Text,
    and_,
    cast,
    or_,
    type_coerce,
    update,
)
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from bot.alerts import Alert, AlertedPeriod
from bot.periods import CapKind, Period
from bot.workflows import Status
from storage.columns import EPOCH
from storage.once import add_once
from storage.tables import AlertedPeriodRow, AlertRow, PeriodTotalRow, WorkflowRow


class Alerts:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, alerts: Sequence[Alert]) -> bool:
        """All of them or none: False when somebody raised one of them before."""
        return await add_once(self._session, *map(_row, alerts))

    async def running(self, workflows: Iterable[str], now: datetime) -> tuple[Alert, ...]:
        """Those of periods that have not ended, oldest first."""
        rows = await self._session.exec(
            select(AlertRow)
            .where(col(AlertRow.workflow).in_(set(workflows)), AlertRow.period_end > now)
            .order_by(col(AlertRow.id))
        )
        return tuple(map(_alert, rows))

    async def of_periods(self, workflow: str, periods: Iterable[Period]) -> tuple[Alert, ...]:
        rows = await self._session.exec(
            select(AlertRow)
            .where(AlertRow.workflow == workflow, or_(*map(_alerts_of, periods)))
            .order_by(col(AlertRow.id))
        )
        return tuple(map(_alert, rows))

    async def worth_a_look(self, lowest: int, now: datetime) -> tuple[str, ...]:
        """The workflows in which something may be to be said, in order; one question per cap.

        Active ones that have used `lowest` per cent of a cap without its overrides, or have
        thresholds of their own; and paused ones that were used since.
        """
        found = set(await self._session.exec(_used_while_paused(now)))
        for kind in CapKind:
            found |= set(await self._session.exec(_near_cap(kind, lowest, now)))
        return tuple(sorted(found))

    async def show(self, shown: AlertedPeriod) -> None:
        """Remember what the period's message shows now."""
        if await self._shown_again(shown):
            return
        if not await add_once(self._session, _period_row(shown)):
            await self._shown_again(shown)

    async def _shown_again(self, shown: AlertedPeriod) -> bool:
        changed = await self._session.exec(
            update(AlertedPeriodRow)
            .where(_same_period(shown))
            .values(**{name: value for name, value in _said(shown).items() if value is not None})
        )
        return bool(changed.rowcount)

    async def alerted(
        self, now: datetime, workflows: Iterable[str] | None = None
    ) -> tuple[AlertedPeriod, ...]:
        """The running periods in which a threshold was reached; of these workflows, or of all."""
        query = select(AlertedPeriodRow).where(AlertedPeriodRow.end > now)
        if workflows is not None:
            query = query.where(col(AlertedPeriodRow.workflow).in_(set(workflows)))
        return await self._periods(query)

    async def shown_by(self, notices: Iterable[str]) -> tuple[AlertedPeriod, ...]:
        """Every period a first message is about, closed ones too."""
        return await self._periods(
            select(AlertedPeriodRow).where(col(AlertedPeriodRow.notice).in_(set(notices)))
        )

    async def ended(self, since: datetime, now: datetime) -> tuple[AlertedPeriod, ...]:
        """Those that ended in `(since, now]` and whose reset was not told."""
        row = AlertedPeriodRow
        return await self._periods(
            select(row).where(row.end > since, row.end <= now, col(row.reset_told).is_(False))
        )

    async def reset_told(self, since: datetime, now: datetime) -> None:
        """For all that ended in `(since, now]`."""
        row = AlertedPeriodRow
        await self._session.exec(
            update(row).where(col(row.end) > since, col(row.end) <= now).values(reset_told=True)
        )

    async def _periods(self, query: SelectOfScalar[AlertedPeriodRow]) -> tuple[AlertedPeriod, ...]:
        row = AlertedPeriodRow
        ordered = query.order_by(col(row.workflow), col(row.cap), col(row.start))
        found = await self._session.exec(ordered.execution_options(populate_existing=True))
        return tuple(map(_period, found))


def _alerts_of(period: Period) -> ColumnElement[bool]:
    row = AlertRow
    return and_(col(row.cap) == period.kind.value, col(row.period_start) == period.start)


def _same_period(shown: AlertedPeriod) -> ColumnElement[bool]:
    row, period = AlertedPeriodRow, shown.period
    return and_(
        col(row.workflow) == shown.workflow,
        col(row.cap) == period.kind.value,
        col(row.start) == period.start,
    )


# Longer than any period of the kind, the first under a new calendar too.
_LONGEST = {
    CapKind.DAILY: timedelta(days=3),
    CapKind.WEEKLY: timedelta(days=15),
    CapKind.MONTHLY: timedelta(days=62),
}


def running_totals(kind: CapKind, now: datetime) -> ColumnElement[bool]:
    """Totals of running periods, found by the key instead of a walk through all history."""
    total = PeriodTotalRow
    oldest = now - _LONGEST[kind] if kind in _LONGEST else EPOCH
    return and_(
        col(total.workflow) == col(WorkflowRow.key),
        col(total.cap) == kind.value,
        col(total.start).between(oldest, now),
        col(total.end) > now,
    )


def used_of(cap: Any, per_cent: Any) -> Any:  # noqa: ANN401 - columns, and what they say
    """That a total has reached so much of a cap."""
    # Divided on both sides: multiplied, nano-dollars would leave a BIGINT.
    used = type_coerce(col(PeriodTotalRow.cost), BigInteger) // per_cent
    return used >= type_coerce(cap, BigInteger) // 100


def _near_cap(kind: CapKind, lowest: int, now: datetime) -> SelectOfScalar[str]:
    cap = getattr(WorkflowRow, f"{kind.value}_cap")
    enough = used_of(cap, lowest)
    # None is kept as the JSON word.
    own_thresholds = cast(col(WorkflowRow.thresholds), Text) != "null"
    return (
        select(WorkflowRow.key)
        .join(PeriodTotalRow, running_totals(kind, now))
        .where(WorkflowRow.status == Status.ACTIVE.value, cap.is_not(None))
        .where(or_(enough, own_thresholds))
    )


def _used_while_paused(now: datetime) -> SelectOfScalar[str]:
    return (
        select(WorkflowRow.key)
        .join(PeriodTotalRow, running_totals(CapKind.WEEKLY, now))
        .where(WorkflowRow.status == Status.PAUSED.value)
        .where(col(PeriodTotalRow.last_at) >= col(WorkflowRow.status_since))
    )


def _row(alert: Alert) -> AlertRow:
    plain = {name: value for name, value in vars(alert).items() if name not in {"period", "cap"}}
    return AlertRow(
        **plain,
        cap=alert.cap.value,
        period_start=alert.period.start,
        period_end=alert.period.end,
    )


def _alert(row: AlertRow) -> Alert:
    kind = CapKind(row.cap)
    return Alert(
        row.workflow,
        kind,
        Period(kind, row.period_start, row.period_end),
        row.amount,
        row.threshold,
        row.spent,
        row.at,
        row.notice,
    )


_SAID = ("notice", "channel", "spent", "amount", "at")


def _said(shown: AlertedPeriod) -> dict[str, Any]:
    return {name: getattr(shown, name) for name in _SAID}


def _period_row(shown: AlertedPeriod) -> AlertedPeriodRow:
    return AlertedPeriodRow(
        workflow=shown.workflow,
        cap=shown.period.kind.value,
        start=shown.period.start,
        end=shown.period.end,
        **_said(shown),
    )


def _period(row: AlertedPeriodRow) -> AlertedPeriod:
    period = Period(CapKind(row.cap), row.start, row.end)
    return AlertedPeriod(
        row.workflow, period, row.notice, row.channel, row.spent, row.amount, row.at
    )
