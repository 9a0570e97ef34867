from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.names import quoted
from bot.periods import Calendar, CapKind, WeekStart
from bot.refusal import Refusal, Unknown
from bot.workflows import (
    Caps,
    Enforcement,
    Kind,
    Purpose,
    Status,
    SuccessMetric,
    Tier,
    Workflow,
)
from storage.once import add_once
from storage.organisation import Organisations
from storage.tables import WorkflowRow


class ChangedMeanwhile(Refusal):
    """Somebody else saved first; what was decided was decided about an older record."""


class TakenKey(Refusal):
    """Another workflow has this key."""


class Workflows:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, key: str) -> Workflow:
        """Raises Unknown."""
        row = await self._session.get(WorkflowRow, key)
        if row is None:
            raise Unknown(f"There is no workflow {quoted(key)}. `/budget list` shows them all.")
        return _workflow(row)

    async def find(self, keys: Iterable[str]) -> dict[str, Workflow]:
        rows = await self._session.exec(
            select(WorkflowRow).where(col(WorkflowRow.key).in_(set(keys)))
        )
        return {row.key: _workflow(row) for row in rows}

    async def all(self, *, team: str | None = None) -> tuple[Workflow, ...]:
        query = select(WorkflowRow).order_by(col(WorkflowRow.key))
        rows = await self._session.exec(
            query if team is None else query.where(WorkflowRow.team == team)
        )
        return tuple(map(_workflow, rows))

    async def active(self, *, skip: int, limit: int) -> tuple[str, ...]:
        """The keys of active ones, a page in their order."""
        row = WorkflowRow
        active = select(row.key).where(row.status == Status.ACTIVE.value).order_by(col(row.key))
        return tuple(await self._session.exec(active.offset(skip).limit(limit)))

    async def names(self) -> dict[str, str]:
        """Every name by its key."""
        rows = await self._session.exec(select(WorkflowRow.key, WorkflowRow.name))
        return dict(rows.all())

    async def ending(self, day: date) -> tuple[Workflow, ...]:
        """Those whose last day is `day` or before: announced to retire, or running experiments."""
        row = WorkflowRow
        retiring = and_(col(row.status) != Status.RETIRED.value, col(row.retire_on) <= day)
        running = col(row.status).in_([Status.ACTIVE.value, Status.PAUSED.value])
        experiment = and_(running, col(row.kind) == Kind.EXPERIMENT.value, col(row.ends_on) <= day)
        rows = await self._session.exec(
            select(row).where(or_(retiring, experiment)).order_by(col(row.key))
        )
        return tuple(map(_workflow, rows))

    async def of_person(self, user: str) -> tuple[Workflow, ...]:
        """Those the person owns or backs up."""
        mine = (col(WorkflowRow.owner) == user) | (col(WorkflowRow.backup) == user)
        rows = await self._session.exec(
            select(WorkflowRow).where(mine).order_by(col(WorkflowRow.key))
        )
        return tuple(map(_workflow, rows))

    async def add(self, workflow: Workflow) -> Workflow:
        """Raises TakenKey."""
        if not await add_once(self._session, WorkflowRow(**_columns(workflow), version=1)):
            raise TakenKey(f"There is a workflow {quoted(workflow.key)} already.", field="key")
        await Organisations(self._session).touch()
        return replace(workflow, version=1)

    async def save(self, workflow: Workflow) -> Workflow:
        """Only over the version it was read from. Raises ChangedMeanwhile."""
        saved = await self._session.exec(
            update(WorkflowRow)
            .where(
                col(WorkflowRow.key) == workflow.key, col(WorkflowRow.version) == workflow.version
            )
            .values(**_columns(workflow), version=workflow.version + 1)
            .execution_options(synchronize_session="fetch")
        )
        if saved.rowcount != 1:
            raise ChangedMeanwhile(
                f"{workflow.key} was changed by somebody else just now. Look again."
            )
        await Organisations(self._session).touch()
        return replace(workflow, version=workflow.version + 1)


_PLAIN = (
    "key",
    "name",
    "team",
    "owner",
    "backup",
    "tool",
    "soft_limit",
    "hard_limit",
    "review_date",
    "last_review_date",
    "ends_on",
    "exception_rule",
    "approver",
    "channel",
    "status_since",
    "activated_at",
    "retire_on",
    "agreed_by",
    "agreed_at",
)


def _columns(workflow: Workflow) -> dict[str, Any]:
    return {
        **{name: getattr(workflow, name) for name in _PLAIN},
        **{f"{kind}_cap": workflow.caps.of(kind) for kind in CapKind},
        "kind": workflow.kind.value,
        "purpose": workflow.purpose.value,
        "tier": workflow.tier.value,
        "escalation_tier": workflow.escalation_tier and workflow.escalation_tier.value,
        "enforcement": workflow.enforcement and workflow.enforcement.value,
        "status": workflow.status.value,
        "thresholds": None if workflow.thresholds is None else list(workflow.thresholds),
        "success_metric": _metric_json(workflow.success_metric),
        "calendars": [
            [c.since.isoformat(), c.zone, c.week_start.value] for c in workflow.calendars
        ],
    }


def _workflow(row: WorkflowRow) -> Workflow:
    return Workflow(
        **{name: getattr(row, name) for name in _PLAIN},
        caps=Caps(**{kind.value: getattr(row, f"{kind}_cap") for kind in CapKind}),
        kind=Kind(row.kind),
        purpose=Purpose(row.purpose),
        tier=Tier(row.tier),
        escalation_tier=Tier(row.escalation_tier) if row.escalation_tier else None,
        enforcement=Enforcement(row.enforcement) if row.enforcement else None,
        status=Status(row.status),
        thresholds=None if row.thresholds is None else tuple(row.thresholds),
        success_metric=_metric(row.success_metric),
        calendars=tuple(_calendar(*kept) for kept in row.calendars),
        version=row.version,
    )


def _calendar(since: str, zone: str, week_start: str) -> Calendar:
    return Calendar(datetime.fromisoformat(since), zone, WeekStart(week_start))


def _metric_json(metric: SuccessMetric | None) -> dict[str, Any] | None:
    if metric is None:
        return None
    return {name: None if value is None else str(value) for name, value in vars(metric).items()}


def _metric(kept: dict[str, Any] | None) -> SuccessMetric | None:
    if kept is None:
        return None
    return SuccessMetric(kept["name"], _decimal(kept["target"]), _decimal(kept["value_per_unit"]))


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
