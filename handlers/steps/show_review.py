from collections.abc import Iterable
from datetime import datetime

from bot.cards import reviews as cards
from bot.notices import Card
from bot.policy import Organisation
from bot.reviews import Item, Review
from storage.ledger import Ledger


async def show_review(
    ledger: Ledger,
    organisation: Organisation,
    review: Review,
    now: datetime,
    *,
    items: Iterable[Item] = (),
) -> None:
    """The parent, and these of the replies as far as they are posted, as they are by now."""
    team = await ledger.teams.get(review.team)
    zone = team.zone(organisation)
    for item in items:
        await ledger.notices.update(item.notice, cards.reply(review, item, zone), now)
    card = cards.parent(review, team, zone, organisation.policy)
    await ledger.notices.update(review.notice, card, now)


async def post_replies(
    ledger: Ledger, organisation: Organisation, review: Review, items: Iterable[Item], now: datetime
) -> None:
    team = await ledger.teams.get(review.team)
    zone = team.zone(organisation)
    for item in items:
        card = cards.reply(review, item, zone)
        await ledger.notices.post(item.notice, review.channel, card, now, under=review.notice)


async def post_in_thread(
    ledger: Ledger, review: Review, about: str, card: Card, now: datetime
) -> None:
    """Once for what it is about."""
    key = f"{review.notice}:{about}"
    await ledger.notices.post(key, review.channel, card, now, under=review.notice)
