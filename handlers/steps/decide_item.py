from dataclasses import replace
from datetime import datetime

from bot.policy import Organisation
from bot.review_answers import check_may_answer, check_open_to
from bot.review_decisions import Decided, Expected
from bot.reviews import AlreadyDecided, Item, Review, Said
from bot.workflows import Workflow
from handlers.steps.apply_decision import apply_decision
from handlers.steps.expect_month import expect_month
from handlers.steps.settle_questions import settle_questions
from handlers.steps.show_review import show_review
from storage.ledger import Ledger


async def check_said(
    ledger: Ledger, organisation: Organisation, review: Review, said: Said, now: datetime
) -> Workflow:
    """The workflow the answer is about. Raises Refusal when this person may not answer now."""
    item = review.item(said.workflow)
    workflow = await ledger.workflows.get(said.workflow)
    team = await ledger.teams.get(workflow.team)
    check_may_answer(said.by, workflow, team, organisation, now)
    check_open_to(said, review, item, workflow, now)
    return workflow


async def decide_item(
    ledger: Ledger, organisation: Organisation, review: Review, said: Said, now: datetime
) -> Review:
    """The review with the answer in it; the registry follows. The review is read with a lock, and
    is not closed here: more may be said in the same breath.

    Raises Refusal: who may, who was first, that it is closed, or what cannot be.
    """
    item = review.item(said.workflow)
    if item.says(said.decision) and review.closed_at is None:
        return review
    workflow = await check_said(ledger, organisation, review, said, now)
    expected = await _expected(ledger, workflow, item, now)
    applied, left = await apply_decision(ledger, organisation, review, said, now)
    # A request that has ended meanwhile has said so in the item.
    review = await ledger.reviews.find(review.notice) or review
    item = review.item(said.workflow)
    waiting = item.waiting
    decided = Decided(applied, said.by, now, left.caps, left.tier, waiting, expected)
    saved = await ledger.reviews.decide(
        review, replace(item, owner=workflow.owner, decided=decided)
    )
    if saved is None:
        raise AlreadyDecided("Somebody else has just decided. Look again.")
    return await _shown(ledger, organisation, review.having(saved), saved, now)


async def _expected(
    ledger: Ledger, workflow: Workflow, item: Item, now: datetime
) -> Expected | None:
    """As it was before the first answer."""
    if item.decided is not None and item.decided.expected is not None:
        return item.decided.expected
    return await expect_month(ledger, workflow, now)


async def _shown(
    ledger: Ledger, organisation: Organisation, review: Review, item: Item, now: datetime
) -> Review:
    """The item, the count on the parent, and what was still asked about it."""
    await show_review(ledger, organisation, review, now, items=[item])
    await settle_questions(ledger, review, "decided otherwise", now, workflow=item.workflow)
    return review
