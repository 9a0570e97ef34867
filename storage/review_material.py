"""What the figures of many workflows' reviews are made of: one question each, however many."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.changes import Change
from bot.money import ZERO
from bot.outcomes import Happened
from bot.overrides import Override
from bot.periods import CapKind, Period
from bot.review_figures import Came
from bot.spend import Spent
from storage.spend import spent_in, totals_of, usd_of
from storage.tables import (
    ChangeRow,
    ExplanationRow,
    OutcomeRow,
    OverrideRow,
    PeriodTotalRow,
    RequestRow,
    UsageHourRow,
)

_Value = TypeVar("_Value")
_By = dict[str, tuple[_Value, ...]]


class ReviewMaterial:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def totals(self, wanted: Iterable[tuple[str, Period]]) -> dict[str, dict[Period, Spent]]:
        """What each workflow's periods hold; what is not there has spent nothing."""
        known = {(key, period.kind.value, period.start): period for key, period in wanted}
        found: dict[str, dict[Period, Spent]] = defaultdict(dict)
        for row in await totals_of(self._session, list(known)):
            period = known[row.workflow, row.cap, row.start]
            found[row.workflow][period] = spent_in(row)
        return found

    async def late(self, workflows: Iterable[str]) -> _By[tuple[Period, Decimal]]:
        """What their weeks took after they were over."""
        row = PeriodTotalRow
        rows = await self._session.exec(
            select(row)
            .where(col(row.workflow).in_(set(workflows)), row.cap == CapKind.WEEKLY.value)
            .where(col(row.late) != ZERO)
        )
        return _gathered(
            (one.workflow, (Period(CapKind.WEEKLY, one.start, one.end), one.late)) for one in rows
        )

    async def models(self, workflows: Iterable[str], period: Period) -> _By[tuple[str, Decimal]]:
        """The models of each, the dearest first, and USD."""
        row, cost = UsageHourRow, func.sum(UsageHourRow.cost)
        rows = await self._session.exec(
            select(row.workflow, row.model, cost)
            .where(col(row.workflow).in_(set(workflows)))
            .where(row.hour >= period.start, row.hour < period.end)
            .group_by(row.workflow, row.model)
            .order_by(row.workflow, cost.desc(), row.model)
        )
        return _gathered((workflow, (model, usd_of(total))) for workflow, model, total in rows)

    async def overrides(self, workflows: Iterable[str], since: datetime) -> _By[Override]:
        """Those that reach beyond `since`, oldest first."""
        row = OverrideRow
        rows = await self._session.exec(
            select(row)
            .where(col(row.workflow).in_(set(workflows)), row.end > since)
            .order_by(col(row.start))
        )
        return _gathered(
            (one.workflow, Override(**{**one.model_dump(), "cap": CapKind(one.cap)}))
            for one in rows
        )

    async def changes(self, workflows: Iterable[str], since: datetime) -> _By[Change]:
        """The newest first."""
        row = ChangeRow
        rows = await self._session.exec(
            select(row)
            .where(col(row.about).in_(set(workflows)), row.at >= since)
            .order_by(col(row.id).desc())
        )
        return _gathered((one.about, Change(**one.model_dump(exclude={"id"}))) for one in rows)

    async def explanations(self, workflows: Iterable[str], since: datetime) -> _By[str]:
        """Oldest first."""
        row = ExplanationRow
        rows = await self._session.exec(
            select(row.workflow, row.text)
            .where(col(row.workflow).in_(set(workflows)), row.at >= since)
            .order_by(col(row.at), col(row.id))
        )
        return _gathered(rows)

    async def came(self, workflows: Iterable[str], since: datetime) -> _By[Came]:
        """What was answered about what had been promised, oldest first."""
        row, asked = OutcomeRow, RequestRow
        rows = await self._session.exec(
            select(row, asked.outcome)
            .join(asked, col(asked.id) == col(row.request))
            .where(col(row.workflow).in_(set(workflows)), col(row.at) >= since)
            .order_by(col(row.at), col(row.request))
        )
        return _gathered(
            (one.workflow, Came(promised, Happened(one.answer), one.evidence, one.at))
            for one, promised in rows
            if one.answer is not None and one.at is not None
        )


def _gathered(found: Iterable[tuple[str, _Value]]) -> _By[_Value]:
    known: dict[str, list[_Value]] = defaultdict(list)
    for workflow, value in found:
        known[workflow].append(value)
    return {workflow: tuple(values) for workflow, values in known.items()}
