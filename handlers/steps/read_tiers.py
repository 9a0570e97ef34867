from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from bot.caps import running_period
from bot.periods import CapKind
from bot.tiers import Tier, by_tier
from bot.workflows import Workflow
from storage.ledger import Ledger


async def read_tiers(
    ledger: Ledger, workflow: Workflow, now: datetime
) -> Mapping[Tier | None, Decimal]:
    """USD of the running month by model tier, where it has cost something; None is of no known
    tier.
    """
    month = running_period(workflow, CapKind.MONTHLY, now)
    models = await ledger.spend.by_model(workflow.key, month)
    tiers = by_tier(models, (await ledger.organisation.get()).tiers, now)
    return {tier: cost for tier, cost in tiers.items() if cost}
