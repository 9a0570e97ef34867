from datetime import datetime

from bot.cards import review_questions as cards
from bot.cards.kit import person
from bot.notices import Card
from bot.policy import Organisation
from bot.reviews import Item, Review, ReviewClosed, Said
from bot.workflows import Workflow
from handlers.steps.close_review import close_when_complete
from handlers.steps.decide_item import check_said, decide_item
from storage.ledger import Ledger

# Where a question stands in Slack: channel and ts.
Place = tuple[str, str]


async def answer_review(
    notice: str,
    said: Said,
    ledger: Ledger,
    organisation: Organisation,
    now: datetime,
    *,
    question: Place | None = None,
) -> Review:
    """Take an answer in the review of that notice, perhaps by a button of a question in its
    thread. Raises Refusal.
    """
    review = await _found(notice, ledger, lock=True)
    review = await decide_item(ledger, organisation, review, said, now)
    if question is not None:
        answer = cards.settled(said.workflow, f"answered by {person(said.by)}")
        await _settle(question, answer, ledger, now)
    return await close_when_complete(ledger, organisation, review, now)


async def leave_question(
    notice: str,
    said: Said,
    question: Place,
    ledger: Ledger,
    organisation: Organisation,
    now: datetime,
) -> Review:
    """What was asked back is not done after all. Raises Refusal when this person may not say so."""
    review = await _found(notice, ledger, lock=True)
    await check_said(ledger, organisation, review, said, now)
    await _settle(question, cards.settled(said.workflow, "it is left as it is"), ledger, now)
    return await close_when_complete(ledger, organisation, review, now)


async def check_answer(
    notice: str, said: Said, ledger: Ledger, organisation: Organisation, now: datetime
) -> tuple[Workflow, Item]:
    """The workflow an answer would be about, and what the review says of it. Raises Refusal when
    this person may not answer.
    """
    review = await _found(notice, ledger)
    workflow = await check_said(ledger, organisation, review, said, now)
    return workflow, review.item(said.workflow)


async def _settle(question: Place, answer: Card, ledger: Ledger, now: datetime) -> None:
    """A question that was answered loses its buttons."""
    key = await ledger.notices.key_of(*question)
    if key is not None:
        await ledger.notices.update(key, answer, now)


async def _found(notice: str, ledger: Ledger, *, lock: bool = False) -> Review:
    """Raises ReviewClosed."""
    review = await ledger.reviews.find(notice, lock=lock)
    if review is None:
        raise ReviewClosed("This review is gone. `/budget review now` opens the current one.")
    return review
