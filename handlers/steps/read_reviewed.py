from datetime import datetime

from bot.cards.review_past import past_said
from bot.periods import zone_now
from bot.workflows import Workflow
from storage.ledger import Ledger


async def read_reviewed(ledger: Ledger, workflow: Workflow, now: datetime) -> tuple[str, ...]:
    """A line on how its last review went, where it had one."""
    past = (await ledger.reviews.past([workflow.key])).get(workflow.key)
    return (past_said(past, zone_now(workflow.calendars, now)),) if past else ()
