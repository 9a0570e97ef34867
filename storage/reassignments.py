from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.reassignments import Reassignment, State
from bot.refusal import Unknown
from storage.once import add_once
from storage.tables import ReassignmentRow


class Reassignments:
    """Offers of a workflow to another owner."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, offer: Reassignment) -> bool:
        """False where another is open for this workflow."""
        return await add_once(self._session, _row(offer))

    async def get(self, offer: str) -> Reassignment:
        """As it is now, whatever was read before. Raises Unknown."""
        found = await self._where(col(ReassignmentRow.id) == offer)
        if not found:
            raise Unknown("There is no such offer any more.")
        return found[0]

    async def open(self, workflow: str) -> Reassignment | None:
        found = await self._where(_waiting(), col(ReassignmentRow.workflow) == workflow)
        return next(iter(found), None)

    async def to_answer(self, person: str) -> tuple[Reassignment, ...]:
        """The open ones that were offered to this person."""
        return await self._where(_waiting(), col(ReassignmentRow.offered_to) == person)

    async def due(self, now: datetime) -> tuple[Reassignment, ...]:
        """Those that ran out unanswered and still stand open."""
        return await self._where(_waiting(), col(ReassignmentRow.expires_at) <= now)

    async def end(self, offer: Reassignment) -> bool:
        """Save how it ended; False when it had ended before (law 7)."""
        row = ReassignmentRow
        saved = await self._session.exec(
            update(row)
            .where(col(row.id) == offer.id, _waiting())
            .values(
                state=offer.state.value,
                answered_by=offer.answered_by,
                answered_at=offer.answered_at,
                answer=offer.answer,
            )
            .execution_options(synchronize_session=False)
        )
        return bool(saved.rowcount)

    async def _where(self, *conditions: ColumnElement[bool]) -> tuple[Reassignment, ...]:
        rows = await self._session.exec(
            select(ReassignmentRow)
            .where(*conditions)
            .order_by(col(ReassignmentRow.asked_at), col(ReassignmentRow.id))
            .execution_options(populate_existing=True)
        )
        return tuple(map(_offer, rows))


def _waiting() -> ColumnElement[bool]:
    return col(ReassignmentRow.state) == State.WAITING.value


def _row(offer: Reassignment) -> ReassignmentRow:
    plain: dict[str, Any] = {**vars(offer), "state": offer.state.value}
    return ReassignmentRow(offered_to=plain.pop("to"), **plain)


def _offer(row: ReassignmentRow) -> Reassignment:
    plain = {**row.model_dump(), "state": State(row.state)}
    return Reassignment(to=plain.pop("offered_to"), **plain)
