from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.attribution import Clue, Rule
from storage.organisation import Organisations
from storage.tables import AttributionRuleRow

_Row = AttributionRuleRow


class AttributionRules:
    """One rule for each clue and pattern. Whoever changes one touches the registry."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def all(self) -> tuple[Rule, ...]:
        """In order within their clue."""
        found = await self._session.exec(select(_Row).order_by(col(_Row.position), _Row.pattern))
        return tuple(Rule(Clue(row.clue), row.pattern, row.workflow) for row in found)

    async def get(self, clue: Clue, pattern: str) -> Rule | None:
        row = await self._session.get(_Row, (clue.value, pattern))
        return None if row is None else Rule(Clue(row.clue), row.pattern, row.workflow)

    async def save(self, rule: Rule, by: str, now: datetime) -> None:
        """In the place of the one with its clue and pattern, else after all others."""
        row = await self._session.get(_Row, (rule.clue.value, rule.pattern))
        if row is None:
            last = (await self._session.exec(select(func.max(_Row.position)))).one()
            row = _Row(
                clue=rule.clue.value,
                pattern=rule.pattern,
                workflow=rule.workflow,
                position=(last or 0) + 1,
                made_by=by,
                made_at=now,
            )
        row.workflow, row.made_by, row.made_at = rule.workflow, by, now
        self._session.add(row)
        await self._session.flush()
        await Organisations(self._session).touch()

    async def remove(self, rule: Rule) -> bool:
        """False where it was gone already."""
        row = await self._session.get(_Row, (rule.clue.value, rule.pattern))
        if row is None:
            return False
        await self._session.delete(row)
        await self._session.flush()
        await Organisations(self._session).touch()
        return True
