from collections.abc import Sequence
from datetime import datetime
from typing import Any

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

    async def arrange(self, rules: Sequence[Rule], by: str, now: datetime) -> None:
        """These, in this order, and no other. Who made a rule that was there before stays."""
        await self._begin()
        rows = {(row.clue, row.pattern): row for row in await self._session.exec(select(_Row))}
        wanted = {(rule.clue.value, rule.pattern) for rule in rules}
        for key, row in rows.items():
            if key not in wanted:
                await self._session.delete(row)
        for position, rule in enumerate(rules, 1):
            key = rule.clue.value, rule.pattern
            made: dict[str, Any] = {"workflow": rule.workflow, "made_by": by, "made_at": now}
            row = rows.get(key) or _Row(clue=key[0], pattern=key[1], position=0, **made)
            if row.workflow != rule.workflow:
                row.workflow, row.made_by, row.made_at = rule.workflow, by, now
            row.position = position
            self._session.add(row)
        await self._session.flush()

    async def _begin(self) -> None:
        """Another who changes rules at this moment waits until this ledger closes."""
        await Organisations(self._session).touch()
