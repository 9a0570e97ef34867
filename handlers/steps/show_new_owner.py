from datetime import datetime

from bot.cards import reviews as cards
from bot.policy import Organisation
from bot.workflows import Workflow
from storage.ledger import Ledger


async def show_new_owner(
    ledger: Ledger, organisation: Organisation, workflow: Workflow, now: datetime
) -> None:
    """The weekly reviews that are open name whoever owns it now."""
    for review in await ledger.reviews.hand_over(workflow.key, workflow.owner):
        zone = (await ledger.teams.get(review.team)).zone(organisation)
        item = review.item(workflow.key)
        await ledger.notices.update(item.notice, cards.reply(review, item, zone), now)
