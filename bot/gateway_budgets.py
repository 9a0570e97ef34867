"""What a gateway says of budgets that it keeps itself: a hint, never spend."""

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class BudgetEvent(StrEnum):
    """What is worth a word; everything else a gateway tells of is not."""

    CROSSED = "budget_crossed"
    NEARLY = "max_budget_alert"
    SOFT_CROSSED = "soft_budget_crossed"
    THRESHOLD = "threshold_crossed"
    PROJECTED = "projected_limit_exceeded"


@dataclass(frozen=True)
class BudgetHint:
    """`group`: key, team, user …; `whose`: its id, a hash for keys; `name`: what people call it.

    `expected_by`: the day on which a forecast says that it is used up.
    """

    event: BudgetEvent
    group: str
    whose: str
    name: str
    spent: Decimal
    budget: Decimal | None = None
    expected_by: str = ""

    @property
    def fingerprint(self) -> str:
        """The same for every time it is told in a period: it brings neither an id nor a time."""
        told = (self.event, self.group, self.whose, "" if self.budget is None else str(self.budget))
        return hashlib.sha256("\0".join(told).encode(errors="replace")).hexdigest()[:32]
