from dataclasses import replace
from datetime import datetime

from bot.cards import reviews as cards
from bot.policy import Organisation
from bot.reviews import Review
from handlers.steps.settle_questions import settle_questions
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
    """Nothing more is decided in it, and what nobody decided stays as it is."""
    if not await ledger.reviews.close(review, now):
        return review
    closed = replace(review, closed_at=now)
    team = await ledger.teams.get(closed.team)
    zone = team.zone(organisation)
    await ledger.notices.update(closed.notice, cards.parent(closed, team, zone), now)
    await ledger.notices.post(
        f"{closed.notice}:closed",
        closed.channel,
        cards.closing(closed, team, zone),
        now,
        under=closed.notice,
    )
    await settle_questions(ledger, closed, "this review is closed", now)
    for item in closed.items:
        await ledger.notices.update(item.notice, cards.reply(closed, item, zone), now)
    return closed
