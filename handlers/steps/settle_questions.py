from datetime import datetime

from bot.cards import review_questions as cards
from bot.reviews import Review, questioned
from storage.ledger import Ledger


async def settle_questions(
    ledger: Ledger, review: Review, answer: str, now: datetime, *, workflow: str | None = None
) -> None:
    """The thread's open questions, or those about one workflow, say so and lose their buttons."""
    for key in await ledger.notices.as_posted(review.notice):
        about = questioned(review, key)
        if about is not None and workflow in {None, about}:
            await ledger.notices.update(key, cards.settled(about, answer), now)
