from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.first_reviews import Choice, FirstReview, State
from bot.workflows import Status
from storage.once import add_once
from storage.tables import AlertRow, FirstReviewRow, RequestRow, WorkflowRow


class FirstReviews:
    """One for each workflow, from its activation on."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, review: FirstReview) -> bool:
        """False where the workflow has had one."""
        return await add_once(self._session, FirstReviewRow(**_plain(review)))

    async def of(self, workflow: str) -> FirstReview | None:
        return (await self.of_all([workflow])).get(workflow)

    async def of_all(self, workflows: Iterable[str]) -> dict[str, FirstReview]:
        row = FirstReviewRow
        rows = await self._session.exec(
            select(row)
            .where(col(row.workflow).in_(set(workflows)))
            .execution_options(populate_existing=True)
        )
        return {one.workflow: _review(one) for one in rows}

    async def due(self, now: datetime) -> tuple[FirstReview, ...]:
        """Those with something to be done; one that is ahead waits while its workflow is not
        active.
        """
        row = FirstReviewRow
        active = col(WorkflowRow.status) == Status.ACTIVE.value
        rows = await self._session.exec(
            select(row)
            .join(WorkflowRow, col(WorkflowRow.key) == col(row.workflow))
            .where(col(row.next_at) <= now, or_(active, col(row.state) == State.ASKED.value))
            .order_by(col(row.workflow))
            .execution_options(populate_existing=True)
        )
        return tuple(map(_review, rows))

    async def save(self, review: FirstReview) -> FirstReview | None:
        """Only over the version it was read from; None when somebody was first (law 7)."""
        row = FirstReviewRow
        saved = await self._session.exec(
            update(row)
            .where(col(row.workflow) == review.workflow, col(row.version) == review.version)
            .values(**{**_plain(review), "version": review.version + 1})
            .execution_options(synchronize_session=False)
        )
        return replace(review, version=review.version + 1) if saved.rowcount == 1 else None

    async def counts(self, workflow: str, since: datetime) -> tuple[int, int]:
        """How many requests were asked and alerts raised since then."""
        requests = select(func.count()).where(
            RequestRow.workflow == workflow, col(RequestRow.asked_at) >= since
        )
        alerts = select(func.count()).where(
            AlertRow.workflow == workflow, col(AlertRow.at) >= since
        )
        asked, raised = [(await self._session.exec(one)).one() for one in (requests, alerts)]
        return asked, raised


def _plain(review: FirstReview) -> dict[str, Any]:
    choice = review.choice.value if review.choice else None
    return {**vars(review), "state": review.state.value, "choice": choice}


def _review(row: FirstReviewRow) -> FirstReview:
    plain = row.model_dump()
    choice = Choice(row.choice) if row.choice else None
    return FirstReview(**{**plain, "state": State(row.state), "choice": choice})
