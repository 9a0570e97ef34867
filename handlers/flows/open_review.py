from dataclasses import dataclass
from datetime import datetime

from bot.policy import Organisation
from bot.review_answers import check_may_open
from bot.review_weeks import covered, due_reviews, ended_week
from bot.reviews import Review, ReviewClosed, review_notice
from bot.teams import Team
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
    """`review` is the thread of the week that ended; `new` where it was not there before."""

    review: Review
    team: Team
    new: bool


async def open_due_reviews(
    ledger: Ledger, organisation: Organisation, now: datetime
) -> tuple[Review, ...]:
    """Open what is due by the clock, each thread once; one question when nothing is."""
    due = due_reviews(await ledger.reviews.progress(), organisation, now)
    opened = [await open_thread(ledger, organisation, team, week, now) for team, week in due]
    return tuple(review for review in opened if review is not None)


async def open_review(
    words: str, place: Place, ledger: Ledger, organisation: Organisation, now: datetime
) -> Opening:
    """The review of the week that ended: opened early, or the one that is there. `words` name the
    team; without them it is the channel's.

    Raises NotAllowed unless an admin asks, Unknown without such a team.
    """
    check_may_open(place.by, organisation)
    team = await find_team(ledger, words, place.channel)
    week = ended_week(team, organisation, now)
    latest = await ledger.reviews.latest(team.key)
    if latest is not None and covered(week, latest.week.end):
        return Opening(latest, team, new=False)
    review = await open_thread(ledger, organisation, team, week, now)
    if review is not None:
        return Opening(review, team, new=True)
    # Another process opened it between the two questions.
    there = await ledger.reviews.find(review_notice(team.key, week))
    if there is None:
        raise ReviewClosed("The review is being opened. Try again.")
    return Opening(there, team, new=False)
