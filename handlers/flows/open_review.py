from dataclasses import dataclass
from datetime import datetime

from bot.policy import Organisation
from bot.review_answers import check_may_open
from bot.review_weeks import covered, due_reviews, ended_week
from bot.reviews import Review, ReviewClosed, review_notice
from bot.teams import Team
from handlers.steps.open_thread import open_thread
from storage.ledger import Ledger


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
    team: str, by: str, ledger: Ledger, organisation: Organisation, now: datetime
) -> Opening:
    """The review of the week that ended: opened early, or the one that is there.

    Raises NotAllowed unless an admin asks, Unknown without such a team.
    """
    check_may_open(by, organisation)
    found = await ledger.teams.get(team)
    week = ended_week(found, organisation, now)
    latest = await ledger.reviews.latest(team)
    if latest is not None and covered(week, latest.week.end):
        return Opening(latest, found, new=False)
    review = await open_thread(ledger, organisation, found, week, now)
    if review is not None:
        return Opening(review, found, new=True)
    # Another process opened it between the two questions.
    there = await ledger.reviews.find(review_notice(team, week))
    if there is None:
        raise ReviewClosed("The review is being opened. Try again.")
    return Opening(there, found, new=False)
