from datetime import datetime

from bot.cards import reviews as cards
from bot.requests import Request
from bot.reviews import Review, with_outcome
from storage.ledger import Ledger


async def tell_review(ledger: Ledger, ended: Request, now: datetime) -> None:
    """The weekly review in which somebody asked for it says how it has ended."""
    review = await ledger.reviews.asking(ended)
    while review is not None:
        workflow = await ledger.workflows.get(ended.workflow)
        item = with_outcome(review.item(ended.workflow), ended, workflow)
        saved = await ledger.reviews.decide(review, item)
        if saved is not None:
            return await _show(ledger, review.having(saved), ended.workflow, now)
        # Somebody has just answered again.
        review = await ledger.reviews.asking(ended)
    return None


async def _show(ledger: Ledger, review: Review, workflow: str, now: datetime) -> None:
    team = await ledger.teams.get(review.team)
    zone = team.zone(await ledger.organisation.get())
    item = review.item(workflow)
    await ledger.notices.update(item.notice, cards.reply(review, item, zone), now)
    await ledger.notices.update(review.notice, cards.parent(review, team, zone), now)
