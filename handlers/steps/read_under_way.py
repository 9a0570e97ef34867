from datetime import datetime

from bot.cards import first_reviews, reassignments, revocations
from bot.periods import zone_now
from bot.workflows import Workflow
from storage.ledger import Ledger


async def read_under_way(ledger: Ledger, workflow: Workflow, now: datetime) -> tuple[str, ...]:
    """What its contract says besides, a line each: offered to somebody, its first review, its
    keys.
    """
    offer = await ledger.reassignments.open(workflow.key)
    review = await ledger.first_reviews.of(workflow.key)
    keys = await ledger.revocations.of(workflow.key)
    zone = zone_now(workflow.calendars, now) if workflow.calendars else "UTC"
    lines = (
        reassignments.in_brief(offer, zone) if offer else "",
        first_reviews.in_brief(review) if review else "",
        revocations.in_brief(keys) if keys else "",
    )
    return tuple(filter(None, lines))
