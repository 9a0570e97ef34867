from datetime import datetime

from bot.cards import reviews as cards
from bot.periods import Period
from bot.policy import Organisation
from bot.review_stretches import had_begun, reviewed_week
from bot.reviews import Item, Review, is_reviewed, review_notice
from bot.teams import Team
from handlers.steps.close_review import close_review
from handlers.steps.take_figures import Asked, take_figures
from storage.ledger import Ledger


async def open_thread(
    ledger: Ledger, organisation: Organisation, team: Team, week: Period, now: datetime
) -> Review | None:
    """The team's review of the week, with the figures of now; None when it was opened before.
    Earlier threads that are still open are closed. A week that runs is one an admin asked for;
    raises TooEarly when it runs only for some of the workflows.
    """
    review = await _taken(ledger, team, week, now)
    if not await ledger.reviews.add(review):
        return None
    await _say(ledger, review, team, team.zone(organisation), now)
    for former in await ledger.reviews.open_before(review):
        await close_review(ledger, organisation, former, now)
    return review


async def _taken(ledger: Ledger, team: Team, week: Period, now: datetime) -> Review:
    known = await ledger.workflows.all(team=team.key)
    workflows = [one for one in known if is_reviewed(one) and had_begun(one, week)]
    week = week if week.end > now else reviewed_week(workflows, week, now)
    notice = review_notice(team.key, week)
    figures = await take_figures(ledger, workflows, Asked(week), now)
    items = tuple(
        Item(one.key, one.owner, figures[one.key], f"{notice}:{one.key}") for one in workflows
    )
    closed_at = None if items else now
    return Review(team.key, week, team.channel, now, notice, items, closed_at)


async def _say(ledger: Ledger, review: Review, team: Team, zone: str, now: datetime) -> None:
    parent = cards.parent(review, team, zone)
    await ledger.notices.post(review.notice, review.channel, parent, now)
    for item in review.items:
        card = cards.reply(review, item, zone)
        await ledger.notices.post(item.notice, review.channel, card, now, under=review.notice)
