from dataclasses import replace
from datetime import datetime, timedelta

from bot.addressing import addressed
from bot.cards import first_reviews as first_cards
from bot.cards import review_months as months
from bot.cards import reviews as cards
from bot.periods import BEGINNING, Calendar, CapKind, Period, local_day, period_of
from bot.policy import Organisation
from bot.review_clock import PAGE
from bot.review_stretches import asks_month, had_begun, reviewed_week
from bot.reviews import Item, Review, is_reviewed, review_notice
from bot.teams import Team
from bot.workflows import Workflow
from handlers.steps.close_review import close_review
from handlers.steps.roll_up import roll_up
from handlers.steps.show_review import post_in_thread, post_replies
from handlers.steps.stand_before import stand_before
from handlers.steps.take_figures import Occasion, take_figures
from storage.ledger import Ledger

_INSTANT = timedelta(microseconds=1)


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
    await _say_first_reviews(ledger, review, now)
    for former in formers:
        await close_review(ledger, organisation, former, now)
    if review.items and review.items[0].figures.month is not None:
        await _say_month(ledger, review, team.zone(organisation), now)
    return review


async def _say_first_reviews(ledger: Ledger, review: Review, now: datetime) -> None:
    """Who is asked soon, or is being asked, by their own first review is not asked twice."""
    known = [one for one in await ledger.workflows.all(team=review.team) if is_reviewed(one)]
    found = await stand_before(ledger, known, now)
    for one in known:
        if one.key in found and had_begun(one, review.week):
            card = first_cards.stands_before(found[one.key], one)
            await post_in_thread(ledger, review, f"first:{one.key}", card, now)


async def _say_month(ledger: Ledger, review: Review, zone: str, now: datetime) -> None:
    """What the reviews of the month that is over came to."""
    calendar = (Calendar(BEGINNING, zone),)
    running = period_of(CapKind.MONTHLY, review.week.end, calendar)
    month = period_of(CapKind.MONTHLY, running.start - _INSTANT, calendar)
    reviews = await ledger.reviews.ended_in(review.team, month.start, month.end)
    if any(one.items for one in reviews):
        found = await roll_up(ledger, review.team, reviews, now)
        card = months.of_team(found, f"{local_day(month.start, zone):%B %Y}")
        await post_in_thread(ledger, review, "month", card, now)


async def _taken(
    ledger: Ledger, organisation: Organisation, team: Team, week: Period, now: datetime
) -> Review:
    known = await ledger.workflows.all(team=team.key)
    first = await stand_before(ledger, known, now)
    workflows = [
        one for one in known if is_reviewed(one) and had_begun(one, week) and one.key not in first
    ]
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
    figures = await take_figures(ledger, workflows, Occasion(week, month), now)
    taken = {
        one.key: replace(figures[one.key], addressed=addressed(one, team, organisation, now))
        for one in workflows
    }
    return tuple(
        Item(one.key, one.owner, taken[one.key], f"{notice}:{one.key}") for one in workflows
    )
