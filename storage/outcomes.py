from datetime import datetime

from sqlalchemy import ColumnElement, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.outcomes import Happened, Outcome
from bot.periods import CapKind
from bot.refusal import Unknown
from storage.once import add_once
from storage.tables import OutcomeRow, RequestRow


class Outcomes:
    """What came of what was granted."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def ask(self, outcome: Outcome) -> bool:
        """False when it was asked before."""
        row = OutcomeRow(
            request=outcome.request,
            workflow=outcome.workflow,
            asked_of=outcome.asked_of,
            asked_at=outcome.asked_at,
            reminds_at=outcome.reminds_at,
        )
        return await add_once(self._session, row)

    async def get(self, request: str) -> Outcome:
        """As it is now, whatever was read before. Raises Unknown."""
        found = await self._where(col(OutcomeRow.request) == request)
        if not found:
            raise Unknown("Nobody was asked about that.")
        return found[0]

    async def of(self, workflow: str) -> tuple[Outcome, ...]:
        """The newest first, answered or not."""
        return await self._where(col(OutcomeRow.workflow) == workflow)

    async def waiting_for(self, user: str) -> tuple[Outcome, ...]:
        """Those the person was asked about, and nobody has answered."""
        return await self._where(col(OutcomeRow.asked_of) == user, col(OutcomeRow.answer).is_(None))

    async def due(self, now: datetime) -> tuple[Outcome, ...]:
        """Those whose requester is to be reminded."""
        reminds = col(OutcomeRow.reminds_at)
        return await self._where(reminds.is_not(None), reminds <= now)

    async def remind(self, outcome: Outcome) -> bool:
        """Mark it reminded; False when somebody did, or answered, before."""
        return await self._move(outcome, col(OutcomeRow.reminds_at).is_not(None), reminds_at=None)

    async def save(self, outcome: Outcome) -> bool:
        """Save the answer; False when somebody answered since it was read (law 7)."""
        return await self._move(
            outcome,
            answer=outcome.answer and outcome.answer.value,
            evidence=outcome.evidence,
            link=outcome.link,
            by=outcome.by,
            at=outcome.at,
            reminds_at=None,
            version=outcome.version + 1,
        )

    async def _move(
        self, outcome: Outcome, *conditions: ColumnElement[bool], **values: object
    ) -> bool:
        moved = await self._session.exec(
            update(OutcomeRow)
            .where(
                col(OutcomeRow.request) == outcome.request,
                col(OutcomeRow.version) == outcome.version,
                *conditions,
            )
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        return bool(moved.rowcount)

    async def _where(self, *conditions: ColumnElement[bool]) -> tuple[Outcome, ...]:
        rows = await self._session.exec(
            select(OutcomeRow, RequestRow)
            .where(col(RequestRow.id) == col(OutcomeRow.request), *conditions)
            .order_by(col(OutcomeRow.asked_at).desc(), col(OutcomeRow.request))
            .execution_options(populate_existing=True)
        )
        return tuple(_outcome(row, asked) for row, asked in rows)


def _outcome(row: OutcomeRow, asked: RequestRow) -> Outcome:
    return Outcome(
        **{
            **row.model_dump(),
            "answer": Happened(row.answer) if row.answer else None,
            "cap": CapKind(asked.cap),
            "amount": asked.amount if asked.granted is None else asked.granted,
            "promised": asked.outcome,
            "target": asked.target,
        }
    )
