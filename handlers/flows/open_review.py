from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from bot.periods import Period
from bot.policy import Organisation
from bot.review_answers import check_may_open
from bot.review_stretches import TooEarly
from bot.review_weeks import asked_week, covered, due_reviews
from bot.reviews import Review, ReviewClosed
from bot.teams import Team
from handlers.steps.each_apart import each_apart
from handlers.steps.find_team import find_team
from handlers.steps.open_thread import open_thread
from storage.ledger import Ledger


@dataclass(frozen=True)
class Place:
    """Who asks, and in which channel."""

    by: str
    channel: str


@dataclass(frozen=True)
class Opening:
    """`new` where the thread was not there before."""

    review: Review
    team: Team
    new: bool


async def open_due_reviews(
    ledger: Ledger, organisation: Organisation, now: datetime
) -> tuple[Review, ...]:
    """Open the next that is due by the clock, each thread once; one question when nothing is. The
    teams after it have their turn in the next ticks: nobody else writes to SQLite meanwhile.
    """
    due = due_reviews(await ledger.reviews.progress(), organisation, now)

    async def open_one(one: tuple[Team, Period]) -> Review | None:
        # A week of an older calendar is reviewed as soon as it is over.
        with suppress(TooEarly):
            return await open_thread(ledger, organisation, *one, now)
        return None

    for one in due:
        if opened := [each for each in await each_apart(ledger, [one], open_one) if each]:
            return tuple(opened)
    return ()


async def open_review(
    words: str, place: Place, ledger: Ledger, organisation: Organisation, now: datetime
) -> Opening:
    """The coming review, opened early, or the one that is open. `words` name the team; without
    them it is the channel's.

    Raises NotAllowed unless an admin asks, Unknown without such a team, TooEarly.
    """
    check_may_open(place.by, organisation)
    team = await find_team(ledger, words, place.channel)
    latest = await ledger.reviews.latest(team.key)
    through = latest.week.end if latest else None
    week = asked_week(team, organisation, through, now)
    if latest is not None and (latest.closed_at is None or covered(week, through)):
        return Opening(latest, team, new=False)
    review = await open_thread(ledger, organisation, team, week, now)
    if review is not None:
        return Opening(review, team, new=True)
    # Another process opened it between the two questions.
    there = await ledger.reviews.latest(team.key)
    if there is None:
        raise ReviewClosed("The review is being opened. Try again.")
    return Opening(there, team, new=False)
