from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.periods import CapKind
from bot.refusal import Unknown
from bot.requests import Approval, Path, Question, Request, State, Step, Until
from storage.once import add_once
from storage.tables import RequestRow

_PLAIN = (
    "id",
    "workflow",
    "amount",
    "days",
    "reason",
    "outcome",
    "target",
    "if_refused",
    "asked_by",
    "asked_at",
    "expires_at",
    "owner",
    "channel",
    "answered_by",
    "answered_at",
    "answer",
    "granted",
    "version",
    "edition",
    "amended_at",
    "step_since",
    "reminds_at",
    "escalates_at",
    "escalated_at",
)


class Requests:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, request: Request) -> bool:
        """False when a request for this cap of the workflow is open: one at a time."""
        return await add_once(self._session, _row(request))

    async def find(self, request: str) -> Request | None:
        """As it is now, whatever was read before."""
        found = await self._where(col(RequestRow.id) == request)
        return found[0] if found else None

    async def get(self, request: str, *, lock: bool = False) -> Request:
        """As it is now, whatever was read before. `lock`: whoever acts on it next waits for this
        ledger, and then sees what it did. Raises Unknown.
        """
        found = await self._where(col(RequestRow.id) == request, lock=lock)
        if not found:
            raise Unknown("There is no such request.")
        return found[0]

    async def end(self, request: Request) -> bool:
        """Save how it ended; False when it had ended, or changed, before (law 7)."""
        return await self.save(request) is not None

    async def save(self, request: Request) -> Request | None:
        """Keep the change of one that waits, as it is then; None when somebody else ended or
        changed the version this one came from.
        """
        saved = replace(request, version=request.version + 1)
        done = await self._session.exec(
            update(RequestRow)
            .where(
                col(RequestRow.id) == request.id,
                col(RequestRow.version) == request.version,
                _waiting(),
            )
            .values(**_fields(saved))
            .execution_options(synchronize_session=False)
        )
        return saved if done.rowcount else None

    async def waiting(self, workflow: str | None = None) -> tuple[Request, ...]:
        """Those nobody has answered, of one workflow or of all, oldest first."""
        if workflow is None:
            return await self._where(_waiting())
        return await self._where(_waiting(), col(RequestRow.workflow) == workflow)

    async def due(self, now: datetime) -> tuple[Request, ...]:
        """Those that ran out unanswered and still stand open."""
        return await self._where(_waiting(), col(RequestRow.expires_at) <= now)

    async def to_remind(self, now: datetime) -> tuple[Request, ...]:
        """Those whose next reminder is due."""
        return await self._where(_waiting(), col(RequestRow.reminds_at) <= now)

    async def to_escalate(self, now: datetime) -> tuple[Request, ...]:
        """Those that have waited too long in their step, and nobody has been told."""
        return await self._where(
            _waiting(), col(RequestRow.escalates_at) <= now, col(RequestRow.escalated_at).is_(None)
        )

    async def granted(self, workflow: str) -> tuple[Request, ...]:
        """Whatever the workflow was granted, for a time or for good."""
        return await self._where(
            col(RequestRow.workflow) == workflow, col(RequestRow.state) == State.APPROVED.value
        )

    async def raised(self, workflow: str) -> tuple[Request, ...]:
        """The permanent raises the workflow was granted."""
        return await self._where(
            col(RequestRow.workflow) == workflow,
            col(RequestRow.state) == State.APPROVED.value,
            col(RequestRow.until) == Until.PERMANENT.value,
        )

    async def _where(
        self, *conditions: ColumnElement[bool], lock: bool = False
    ) -> tuple[Request, ...]:
        query = (
            select(RequestRow)
            .where(*conditions)
            .order_by(col(RequestRow.asked_at), col(RequestRow.id))
            .execution_options(populate_existing=True)
        )
        rows = await self._session.exec(query.with_for_update() if lock else query)
        return tuple(map(_request, rows))


def _waiting() -> ColumnElement[bool]:
    return col(RequestRow.state) == State.WAITING.value


def _row(request: Request) -> RequestRow:
    return RequestRow(**_fields(request))


def _fields(request: Request) -> dict[str, Any]:
    return {
        **{name: getattr(request, name) for name in _PLAIN},
        "cap": request.cap.value,
        "until": request.until.value,
        "step": request.step.value,
        "state": request.state.value,
        "path": request.path.value,
        "approvals": list(map(_kept_approval, request.approvals)),
        "questions": list(map(_kept_question, request.questions)),
    }


def _request(row: RequestRow) -> Request:
    return Request(
        **{name: getattr(row, name) for name in _PLAIN},
        cap=CapKind(row.cap),
        until=Until(row.until),
        step=Step(row.step),
        state=State(row.state),
        path=Path(row.path),
        approvals=tuple(map(_approval, row.approvals)),
        questions=tuple(map(_question, row.questions)),
    )


def _kept_approval(one: Approval) -> dict[str, Any]:
    return {**vars(one), "at": one.at.isoformat()}


def _approval(kept: dict[str, Any]) -> Approval:
    at = datetime.fromisoformat(kept["at"])
    return Approval(**{**kept, "step": Step(kept["step"]), "at": at})


def _kept_question(one: Question) -> dict[str, Any]:
    answered = one.answered_at.isoformat() if one.answered_at else None
    return {**vars(one), "at": one.at.isoformat(), "answered_at": answered}


def _question(kept: dict[str, Any]) -> Question:
    answered = kept["answered_at"]
    return Question(
        **{
            **kept,
            "at": datetime.fromisoformat(kept["at"]),
            "answered_at": datetime.fromisoformat(answered) if answered else None,
        }
    )
