from dataclasses import replace
from datetime import datetime

from bot.cards import reviews as cards
from bot.changes import BOT, Change
from bot.policy import Organisation
from bot.review_clock import PAGE, undecided
from bot.review_decisions import Decided, Unreviewed, words
from bot.review_weeks import say_week
from bot.reviews import Item, Review
from bot.workflows import Workflow
from handlers.steps.settle_questions import settle_questions
from handlers.steps.show_review import post_in_thread, show_review
from storage.ledger import Ledger


async def close_when_complete(
    ledger: Ledger, organisation: Organisation, review: Review, now: datetime
) -> Review:
    """With the last answer the thread ends."""
    if review.complete and review.closed_at is None:
        return await close_review(ledger, organisation, review, now)
    return review


async def close_review(
    ledger: Ledger, organisation: Organisation, review: Review, now: datetime
) -> Review:
    """Nothing more is decided in it, and what nobody decided is kept, unreviewed."""
    posted = len(review.items) if review.posted is None else review.posted
    cleared = PAGE if posted > PAGE else None
    if not await ledger.reviews.close(review, now, cleared):
        return review
    closed = replace(review, closed_at=now, posted=None, cleared=cleared)
    closed = await _left(ledger, organisation, closed, now)
    team = await ledger.teams.get(closed.team)
    card = cards.closing(closed, team, team.zone(organisation))
    await post_in_thread(ledger, closed, "closed", card, now)
    await settle_questions(ledger, closed, "this review is closed", now)
    await show_review(ledger, organisation, closed, now, items=closed.items[:PAGE])
    return closed


async def _left(
    ledger: Ledger, organisation: Organisation, review: Review, now: datetime
) -> Review:
    """Each that somebody could still have decided says that nobody did."""
    workflows = await ledger.workflows.find(
        one.workflow for one in review.items if one.decided is None
    )
    left = {one.key: one for one in undecided(review, workflows)}
    zone = (await ledger.teams.get(review.team)).zone(organisation)
    reason = f"weekly review {say_week(review.week, zone)}"
    found = [_unreviewed(one, left.get(one.workflow), now) for one in review.items]
    done = [one for one in found if one.workflow in left]
    await ledger.reviews.leave(review, done)
    for one in done:
        what = words(Unreviewed())
        await ledger.changes.add(Change(now, BOT, one.workflow, what, reason=reason))
    return replace(review, items=tuple(found))


def _unreviewed(item: Item, workflow: Workflow | None, now: datetime) -> Item:
    if workflow is None:
        return item
    decided = Decided(Unreviewed(), BOT, now, workflow.caps, workflow.tier)
    return replace(item, owner=workflow.owner, decided=decided, version=item.version + 1)
