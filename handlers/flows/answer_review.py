from datetime import datetime

from bot.cards import review_questions as cards
from bot.policy import Organisation
from bot.reviews import Review, ReviewClosed, Said
from bot.workflows import Workflow
from handlers.steps.decide_item import check_said, decide_item
from storage.ledger import Ledger


async def answer_review(
    notice: str, said: Said, ledger: Ledger, organisation: Organisation, now: datetime
) -> Review:
    """Take an answer in the review of that notice. Raises Refusal."""
    review = await _found(notice, ledger, lock=True)
    return await decide_item(ledger, organisation, review, said, now)


async def check_answer(
    notice: str, said: Said, ledger: Ledger, organisation: Organisation, now: datetime
) -> Workflow:
    """The workflow an answer would be about. Raises Refusal when this person may not answer."""
    review = await _found(notice, ledger)
    return await check_said(ledger, organisation, review, said, now)


async def settle_question(
    place: tuple[str, str], item: tuple[str, str], ledger: Ledger, now: datetime
) -> None:
    """The question that stands at (channel, ts) was answered: it loses its buttons. `item` is the
    workflow and what was answered.
    """
    question = await ledger.notices.key_of(*place)
    if question is not None:
        await ledger.notices.update(question, cards.settled(*item), now)


async def _found(notice: str, ledger: Ledger, *, lock: bool = False) -> Review:
    """Raises ReviewClosed."""
    review = await ledger.reviews.find(notice, lock=lock)
    if review is None:
        raise ReviewClosed("This review is gone. `/budget review now` opens the current one.")
    return review
