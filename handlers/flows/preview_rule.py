from dataclasses import dataclass
from datetime import datetime

from bot.calendars import running_month
from bot.freshness import Feed
from bot.policy import Organisation
from bot.positions import Position
from bot.rule_changes import Reach, RuleChange, Undone, check_keeper
from bot.rule_trials import Tried
from bot.workflows import Workflow
from handlers.steps.read_feeds import read_all_feeds
from handlers.steps.read_positions import read_positions
from handlers.steps.try_rule import try_rule
from storage.ledger import Ledger


@dataclass(frozen=True)
class RulePreview:
    """`leads_to` is the workflow of the rule; `position` where it stands before the change;
    `feeds`: the sources that may tell of what moves.
    """

    tried: Tried
    leads_to: Workflow
    position: Position
    feeds: tuple[Feed, ...]
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
    return await _preview(change, reach, ledger, organisation, now)


async def preview_undo(
    number: int, *, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> RulePreview:
    """What would move back. Raises Refusal."""
    check_keeper(by, organisation, now)
    made = await ledger.rule_changes.get(number)
    made.check_stands()
    recount = await ledger.recounts.get(made.recount)
    undoes = Undone(recount.id, recount.since) if recount and recount.reaches_closed else None
    return await _preview(made.taken_back, made.reach, ledger, organisation, now, undoes)


async def _preview(
    change: RuleChange,
    reach: Reach,
    ledger: Ledger,
    organisation: Organisation,
    now: datetime,
    undoes: Undone | None = None,
) -> RulePreview:
    leads_to = await ledger.workflows.get(change.rule.workflow)
    tried = await try_rule(change, reach, ledger, organisation, now, undoes)
    (position,) = await read_positions(ledger, [leads_to], now)
    month = running_month(organisation.policy, now)
    feeds = await read_all_feeds(ledger, month.start, now)
    return RulePreview(tried, leads_to, position, feeds, organisation.policy.timezone)
