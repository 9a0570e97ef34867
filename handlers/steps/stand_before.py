from collections.abc import Iterable
from datetime import datetime

from bot.first_reviews import FirstReview, stands_before
from bot.workflows import Workflow
from storage.ledger import Ledger


async def stand_before(
    ledger: Ledger, workflows: Iterable[Workflow], now: datetime
) -> dict[str, FirstReview]:
    """By workflow, the first reviews to which a weekly one leaves the asking."""
    found = await ledger.first_reviews.of_all(one.key for one in workflows)
    return {key: one for key, one in found.items() if stands_before(one, now)}
