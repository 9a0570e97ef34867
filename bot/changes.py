from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Change:
    """One line of the audit trail. `about` is a workflow's key, `team:KEY`, `policy`, or
    `file:DIGEST` of usage, or `source:NAME`.

    `before` and `after` hold only the fields that differ. `actor` is a Slack id, `contract apply`,
    `budget-bot import` or `source clear`, or `budget-bot` for what a rule did by itself.
    """

    at: datetime
    actor: str
    about: str
    what: str
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    reason: str = ""


BOT = "budget-bot"
CONTRACT = "contract apply"

# In `after`: for whom the actor stood in.
INSTEAD_OF = "instead_of"
