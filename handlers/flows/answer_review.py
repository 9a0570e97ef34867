from datetime import datetime

from bot.policy import Organisation
from bot.reviews import Review, ReviewClosed, Said
from handlers.steps.decide_item import decide_item
from storage.ledger import Ledger


async def answer_review(
    notice: str, said: Said, ledger: Ledger, organisation: Organisation, now: datetime
) -> Review:
    """Take an answer in the review of that notice. Raises Refusal."""
    review = await ledger.reviews.find(notice, lock=True)
    if review is None:
        raise ReviewClosed("This review is gone. `/budget review now` opens the current one.")
    return await decide_item(ledger, organisation, review, said, now)
