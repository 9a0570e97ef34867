from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.periods import CapKind, Period
from bot.requests import Request
from bot.review_history import Past
from bot.review_weeks import Reviewed
from bot.reviews import Item, Review
from bot.teams import Team
from bot.workflows import Status
from storage.once import add_once
from storage.review_rows import answer_columns, item_of, item_row, requests_in
from storage.tables import ReviewItemRow, ReviewRow, TeamRow, WorkflowRow


class Reviews:
    """One thread a team and week; the primary key decides who opens it."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def progress(self) -> tuple[Reviewed, ...]:
        """How far each team's reviews have come."""
        through = (
            select(func.max(ReviewRow.week_end))
            .where(ReviewRow.team == TeamRow.key)
            .scalar_subquery()
        )
        active_since = (
            select(func.min(WorkflowRow.activated_at))
            .where(WorkflowRow.team == TeamRow.key)
            .scalar_subquery()
        )
        rows = await self._session.exec(
            select(TeamRow, through, active_since).order_by(col(TeamRow.key))
        )
        return tuple(
            Reviewed(Team(**team.model_dump()), ended, since) for team, ended, since in rows
        )

    async def add(self, review: Review) -> bool:
        """Open it with its items; False when it was opened before."""
        row = ReviewRow(
            team=review.team,
            week_start=review.week.start,
            week_end=review.week.end,
            channel=review.channel,
            opened_at=review.opened_at,
            closed_at=review.closed_at,
            notice=review.notice,
            posted=review.posted,
            cleared=review.cleared,
            steps=review.steps,
        )
        if not await add_once(self._session, row):
            return False
        self._session.add_all(
            item_row(review, position, item) for position, item in enumerate(review.items)
        )
        await self._session.flush()
        return True

    async def find(self, notice: str, *, lock: bool = False) -> Review | None:
        """By its parent's outbox key. `lock` lets one answer at a time into the thread, so that
        the last of them sees all the others.
        """
        query = select(ReviewRow).where(ReviewRow.notice == notice)
        query = query.execution_options(populate_existing=True)
        row = (await self._session.exec(query.with_for_update() if lock else query)).first()
        return None if row is None else await self._whole(row)

    async def latest(self, team: str) -> Review | None:
        """The team's last, open or closed."""
        rows = await self._session.exec(
            select(ReviewRow)
            .where(ReviewRow.team == team)
            .order_by(col(ReviewRow.week_start).desc())
            .limit(1)
        )
        row = rows.first()
        return None if row is None else await self._whole(row)

    async def open_before(self, team: str, start: datetime) -> tuple[Review, ...]:
        """The team's threads of weeks before that one, which nobody closed; locked."""
        rows = await self._session.exec(
            select(ReviewRow)
            .where(ReviewRow.team == team, col(ReviewRow.closed_at).is_(None))
            .where(col(ReviewRow.week_start) < start)
            .order_by(col(ReviewRow.week_start))
            .with_for_update()
        )
        return tuple([await self._whole(row) for row in rows.all()])

    async def through(self, team: str) -> datetime | None:
        """The end of the last week that was reviewed."""
        found = await self._session.exec(
            select(func.max(ReviewRow.week_end)).where(ReviewRow.team == team)
        )
        return found.one()

    async def decide(self, review: Review, item: Item) -> Item | None:
        """Save its answer over the version it was read from; None when somebody was first."""
        decided = item.decided
        row = ReviewItemRow
        saved = await self._session.exec(
            update(row)
            .where(col(row.team) == review.team, col(row.week_start) == review.week.start)
            .where(col(row.workflow) == item.workflow, col(row.version) == item.version)
            .values(**answer_columns(decided), version=item.version + 1)
            .execution_options(synchronize_session="fetch")
        )
        return replace(item, version=item.version + 1) if saved.rowcount == 1 else None

    async def asking(self, request: Request) -> Review | None:
        """The review in which somebody asked for it and no later answer took its place."""
        row = ReviewItemRow
        items = await self._session.exec(
            select(row)
            .where(row.workflow == request.workflow, col(row.decided_at) >= request.asked_at)
            .order_by(col(row.week_start).desc())
            .execution_options(populate_existing=True)
        )
        for item in items.all():
            if request.id in requests_in(item_of(item)):
                place = (item.team, item.week_start)
                review = await self._session.get(ReviewRow, place, populate_existing=True)
                return None if review is None else await self._whole(review)
        return None

    async def hand_over(self, workflow: str, owner: str | None) -> tuple[Review, ...]:
        """Its item in the threads that are open names another owner; gives those back."""
        row, parent = ReviewItemRow, ReviewRow
        mine = select(parent).join(
            row, (col(row.team) == parent.team) & (col(row.week_start) == parent.week_start)
        )
        mine = mine.where(row.workflow == workflow, col(parent.closed_at).is_(None))
        open_ones = (await self._session.exec(mine)).all()
        for one in open_ones:
            await self._session.exec(
                update(row)
                .where(col(row.team) == one.team, col(row.week_start) == one.week_start)
                .where(col(row.workflow) == workflow)
                .values(owner=owner)
                .execution_options(synchronize_session=False)
            )
        return tuple([await self._whole(one) for one in open_ones])

    async def close(self, review: Review, now: datetime, cleared: int | None = None) -> bool:
        """False when it was closed before. `cleared`: see Review."""
        return await self._move(
            review,
            col(ReviewRow.closed_at).is_(None),
            closed_at=now,
            posted=None,
            cleared=cleared,
        )

    async def leave(self, review: Review, items: Iterable[Item]) -> None:
        """Save what nobody answered, in a thread that is locked."""
        rows = [
            {
                "in_team": review.team,
                "in_week": review.week.start,
                "of": item.workflow,
                **answer_columns(item.decided),
                "version": item.version,
            }
            for item in items
        ]
        row: Any = ReviewItemRow.__table__  # type: ignore[attr-defined]
        wanted = (
            (row.c.team == bindparam("in_team"))
            & (row.c.week_start == bindparam("in_week"))
            & (row.c.workflow == bindparam("of"))
        )
        if rows:
            connection = await self._session.connection()
            await connection.execute(update(row).where(wanted), rows)

    async def step(self, review: Review, steps: int) -> bool:
        """Its clock is so far; False when another was first, or it was closed."""
        still = col(ReviewRow.steps) == review.steps, col(ReviewRow.closed_at).is_(None)
        return await self._move(review, *still, steps=steps)

    async def page(self, review: Review, **paged: int | None) -> bool:
        """`posted` and `cleared` are so far; False when another was first."""
        row = ReviewRow
        return await self._move(
            review,
            col(row.posted).is_not_distinct_from(review.posted),
            col(row.cleared).is_not_distinct_from(review.cleared),
            **paged,
        )

    async def _move(
        self, review: Review, *conditions: ColumnElement[bool], **values: datetime | int | None
    ) -> bool:
        moved = await self._session.exec(
            update(ReviewRow)
            .where(col(ReviewRow.notice) == review.notice, *conditions)
            .values(**values)
            .execution_options(synchronize_session="fetch")
        )
        return bool(moved.rowcount)

    async def waiting(self, steps: Iterable[tuple[int, datetime]]) -> tuple[Review, ...]:
        """The open threads whose next step is due: done steps, and opened by when."""
        row = ReviewRow
        due = [and_(col(row.steps) == done, col(row.opened_at) <= by) for done, by in steps]
        return await self._all(col(row.closed_at).is_(None), or_(*due))

    async def ended_in(self, team: str, start: datetime, end: datetime) -> tuple[Review, ...]:
        """The team's reviews of weeks that ended in `[start, end)`, oldest first."""
        row = ReviewRow
        mine = col(row.team) == team
        found = await self._all(mine, col(row.week_end) >= start, col(row.week_end) < end)
        return tuple(sorted(found, key=lambda one: one.week.start))

    async def undecided(self) -> tuple[tuple[str, str], ...]:
        """The channel and the workflow of all that waits in open reviews."""
        item, review, workflow = ReviewItemRow, ReviewRow, WorkflowRow
        reviewed = [Status.ACTIVE.value, Status.PAUSED.value]
        rows = await self._session.exec(
            select(review.channel, item.workflow)
            .join(item, _of(review, item))
            .join(workflow, col(workflow.key) == col(item.workflow))
            .where(col(review.closed_at).is_(None), col(item.decision).is_(None))
            .where(col(workflow.status).in_(reviewed))
            .order_by(col(review.notice), col(item.position))
        )
        return tuple(rows)

    async def paged(self) -> tuple[Review, ...]:
        """Those with replies to post, or to clear of their buttons; to post first."""
        row = ReviewRow
        return await self._all(col(row.posted).is_not(None) | col(row.cleared).is_not(None))

    async def _all(self, *conditions: ColumnElement[bool]) -> tuple[Review, ...]:
        rows = await self._session.exec(
            select(ReviewRow)
            .where(*conditions)
            .order_by(col(ReviewRow.closed_at).is_not(None), col(ReviewRow.notice))
        )
        return tuple([await self._whole(row) for row in rows.all()])

    async def past(self, workflows: Iterable[str]) -> dict[str, Past]:
        """The last review of each that had one."""
        row = ReviewItemRow
        last = (
            select(row.workflow, func.max(row.week_start).label("week_start"))
            .where(col(row.workflow).in_(set(workflows)))
            .group_by(row.workflow)
            .subquery()
        )
        same = (col(row.workflow) == last.c.workflow) & (col(row.week_start) == last.c.week_start)
        rows = await self._session.exec(
            select(row, ReviewRow.opened_at, ReviewRow.closed_at)
            .join(last, same)
            .join(ReviewRow, _of(ReviewRow, row))
            .execution_options(populate_existing=True)
        )
        return {item.workflow: Past(item_of(item), opened, closed) for item, opened, closed in rows}

    async def _whole(self, row: ReviewRow) -> Review:
        items = await self._session.exec(
            select(ReviewItemRow)
            .where(ReviewItemRow.team == row.team, ReviewItemRow.week_start == row.week_start)
            .order_by(col(ReviewItemRow.position))
            .execution_options(populate_existing=True)
        )
        return Review(
            team=row.team,
            week=Period(CapKind.WEEKLY, row.week_start, row.week_end),
            channel=row.channel,
            opened_at=row.opened_at,
            notice=row.notice,
            items=tuple(map(item_of, items)),
            closed_at=row.closed_at,
            posted=row.posted,
            cleared=row.cleared,
            steps=row.steps,
        )


def _of(review: type[ReviewRow], item: type[ReviewItemRow]) -> ColumnElement[bool]:
    return and_(col(item.team) == col(review.team), col(item.week_start) == col(review.week_start))
