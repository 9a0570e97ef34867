from dataclasses import dataclass
from datetime import datetime

from bot.policy import Organisation
from bot.positions import Position
from bot.rule_changes import Reach, RuleChange, check_keeper
from bot.rule_trials import Trial
from bot.workflows import Workflow
from handlers.steps.read_positions import read_positions
from handlers.steps.try_rule import try_rule
from storage.ledger import Ledger


@dataclass(frozen=True)
class RulePreview:
    """`leads_to` is the workflow of the rule; `position` where it stands before the change."""

    trial: Trial
    reach: Reach
    leads_to: Workflow
    position: Position
    zone: str


async def preview_rule(
    change: RuleChange,
    reach: Reach,
    *,
    by: str,
    ledger: Ledger,
    organisation: Organisation,
    now: datetime,
) -> RulePreview:
    """What would move, before it is saved. Raises Refusal."""
    check_keeper(by, organisation, now)
    leads_to = await ledger.workflows.get(change.rule.workflow)
    trial = await try_rule(change, reach, ledger, organisation, now)
    (position,) = await read_positions(ledger, [leads_to], now)
    return RulePreview(trial, reach, leads_to, position, organisation.policy.timezone)
