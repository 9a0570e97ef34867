from datetime import datetime

from bot.requests import Request
from bot.reviews import with_outcome
from handlers.steps.show_review import show_review
from storage.ledger import Ledger


async def tell_review(ledger: Ledger, ended: Request, now: datetime) -> None:
    """The weekly review in which somebody asked for it says how it has ended."""
    review = await ledger.reviews.asking(ended)
    while review is not None:
        workflow = await ledger.workflows.get(ended.workflow)
        item = with_outcome(review.item(ended.workflow), ended, workflow)
        saved = await ledger.reviews.decide(review, item)
        if saved is not None:
            organisation = await ledger.organisation.get()
            after = review.having(saved)
            return await show_review(ledger, organisation, after, now, items=[saved])
        # Somebody has just answered again.
        review = await ledger.reviews.asking(ended)
    return None
