from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from bot.periods import Period
from bot.review_months import RollUp, cuts, rolled_up
from bot.reviews import Review
from bot.spend import Spent
from storage.ledger import Ledger


async def roll_up(ledger: Ledger, team: str, reviews: Iterable[Review], now: datetime) -> RollUp:
    """What these reviews of a team came to."""
    found = tuple(reviews)
    spent = await ledger.material.totals((key, one.month) for key, one in cuts(found))

    def cost(workflow: str, month: Period) -> Decimal:
        return spent.get(workflow, {}).get(month, Spent()).cost

    return rolled_up(team, found, cost, now)
