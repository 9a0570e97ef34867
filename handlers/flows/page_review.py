from dataclasses import replace
from datetime import datetime

from bot.policy import Organisation
from bot.review_clock import FEW, PAGE
from bot.reviews import Review
from handlers.steps.each_apart import each_apart
from handlers.steps.show_review import post_replies, show_review
from storage.ledger import Ledger


async def page_reviews(ledger: Ledger, organisation: Organisation, now: datetime) -> None:
    """The next replies of a long thread go out when the channel has said most of those before: an
    alert or an answer waits behind one page, not behind five hundred.
    """

    async def page(review: Review) -> None:
        if await ledger.deliveries.waiting_in(review.channel) < FEW:
            await _page(ledger, organisation, review, now)

    await each_apart(ledger, await ledger.reviews.paged(), page)


async def _page(ledger: Ledger, organisation: Organisation, review: Review, now: datetime) -> None:
    start = (review.posted if review.closed_at is None else review.cleared) or 0
    end = start + PAGE if start + PAGE < len(review.items) else None
    items = review.items[start:end]
    if review.closed_at is not None:
        if await ledger.reviews.page(review, cleared=end):
            await show_review(ledger, organisation, review, now, items=items)
    elif await ledger.reviews.page(review, posted=end):
        after = replace(review, posted=end)
        await post_replies(ledger, organisation, after, items, now)
        if end is None:
            await show_review(ledger, organisation, after, now)
