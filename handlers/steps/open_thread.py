from datetime import datetime

from bot.cards import reviews as cards
from bot.periods import Period
from bot.policy import Organisation
from bot.review_clock import PAGE
from bot.review_stretches import asks_month, had_begun, reviewed_week
from bot.reviews import Item, Review, is_reviewed, review_notice
from bot.teams import Team
from bot.workflows import Workflow
from handlers.steps.close_review import close_review
from handlers.steps.show_review import post_replies
from handlers.steps.take_figures import Asked, take_figures
from storage.ledger import Ledger


async def open_thread(
    ledger: Ledger, organisation: Organisation, team: Team, week: Period, now: datetime
) -> Review | None:
    """The team's review of the week, with the figures of now; None when it was opened before.
    Earlier threads that are still open are closed. A week that runs is one an admin asked for;
    raises TooEarly when it runs only for some of the workflows.
    """
    # Locked before the figures are taken, which count what nobody answered in it.
    formers = await ledger.reviews.open_before(team.key, week.start)
    review = await _taken(ledger, organisation, team, week, now)
    if not await ledger.reviews.add(review):
        return None
    card = cards.parent(review, team, team.zone(organisation), organisation.policy)
    await ledger.notices.post(review.notice, review.channel, card, now)
    await post_replies(ledger, organisation, review, review.items[:PAGE], now)
    for former in formers:
        await close_review(ledger, organisation, former, now)
    return review


async def _taken(
    ledger: Ledger, organisation: Organisation, team: Team, week: Period, now: datetime
) -> Review:
    known = await ledger.workflows.all(team=team.key)
    workflows = [one for one in known if is_reviewed(one) and had_begun(one, week)]
    week = week if week.end > now else reviewed_week(workflows, week, now)
    notice = review_notice(team.key, week)
    items = await _items(ledger, organisation, team, (workflows, week, notice), now)
    return Review(
        team.key,
        week,
        team.channel,
        now,
        notice,
        items,
        closed_at=None if items else now,
        posted=PAGE if len(items) > PAGE else None,
    )


async def _items(
    ledger: Ledger,
    organisation: Organisation,
    team: Team,
    about: tuple[list[Workflow], Period, str],
    now: datetime,
) -> tuple[Item, ...]:
    workflows, week, notice = about
    through = await ledger.reviews.through(team.key)
    month = asks_month(week, through, team.zone(organisation))
    figures = await take_figures(ledger, workflows, Asked(week, month), now)
    return tuple(
        Item(one.key, one.owner, figures[one.key], f"{notice}:{one.key}") for one in workflows
    )
