from dataclasses import replace
from typing import Any

from sqlalchemy import literal_column, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.attribution import Clue, Rule
from bot.refusal import Unknown
from bot.rule_changes import MadeChange, Reach
from storage.tables import RuleChangeRow

_Row = RuleChangeRow


class RuleChanges:
    """Who changed which rule, what that moves, and how far that is."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, made: MadeChange) -> MadeChange:
        """With its number, by which its message is called."""
        row = _Row(
            before=_kept(made.before, made.undoes),
            after=_kept(made.after, made.undoes),
            place=made.place,
            recount=made.recount,
            reach=made.reach.value,
            cost=made.cost,
            records=made.records,
            made_by=made.made_by,
            made_at=made.made_at,
            notice="",
        )
        self._session.add(row)
        await self._session.flush()
        row.notice = f"rule:{row.id}"
        await self._session.flush()
        return replace(made, id=row.id or 0, notice=row.notice)

    async def get(self, number: int) -> MadeChange:
        """Raises Unknown."""
        row = await self._session.get(_Row, number, populate_existing=True)
        if row is None:
            raise Unknown("That change is not on record. `/budget rules` shows what holds.")
        return _made(row)

    async def undoes(self, recount: int) -> int | None:
        """The recount whose moves this one takes back."""
        found = await self._session.exec(select(_Row).where(col(_Row.recount) == recount))
        row = found.first()
        return None if row is None else _undoes(row)

    async def untold(self) -> tuple[MadeChange, ...]:
        """Those whose end was not said yet, oldest first."""
        untold = select(_Row).where(literal_column("not told")).order_by(col(_Row.id))
        return tuple(map(_made, await self._session.exec(untold)))

    async def said(self, made: MadeChange, per_cent: int, *, end: bool) -> None:
        await self._session.exec(
            update(_Row)
            .where(col(_Row.id) == made.id)
            .values(said=per_cent, told=end)
            .execution_options(synchronize_session=False)
        )

    async def undo(self, made: MadeChange, by: str) -> bool:
        """False for the second of two."""
        undone = await self._session.exec(
            update(_Row)
            .where(col(_Row.id) == made.id, col(_Row.undone_by).is_(None))
            .values(undone_by=by)
            .execution_options(synchronize_session=False)
        )
        return undone.rowcount == 1


def _kept(rule: Rule | None, undoes: int | None) -> dict[str, Any] | None:
    if rule is None:
        return None
    held = {"clue": rule.clue.value, "pattern": rule.pattern, "workflow": rule.workflow}
    return held if undoes is None else {**held, "undoes": undoes}


def _undoes(row: RuleChangeRow) -> int | None:
    return (row.after or row.before or {}).get("undoes")


def _rule(kept: dict[str, Any] | None) -> Rule | None:
    return None if kept is None else Rule(Clue(kept["clue"]), kept["pattern"], kept["workflow"])


def _made(row: RuleChangeRow) -> MadeChange:
    return MadeChange(
        row.id or 0,
        _rule(row.before),
        _rule(row.after),
        row.place,
        row.recount,
        Reach(row.reach),
        row.cost,
        row.records,
        row.made_by,
        row.made_at,
        row.notice,
        row.said,
        row.told,
        row.undone_by,
        _undoes(row),
    )
