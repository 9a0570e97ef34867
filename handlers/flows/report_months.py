from datetime import datetime, timedelta

from bot.calendars import running_month
from bot.cards import review_months as cards
from bot.notices import Card
from bot.periods import Period, local_day
from bot.policy import Organisation
from bot.review_months import in_all
from handlers.steps.roll_up import roll_up
from handlers.steps.tell_person import Word, tell_person
from storage.ledger import Ledger

JOB = "review months"
# By then every team has had its first review of the new month, which closes the last of the old.
_AFTER = timedelta(days=14, hours=9)
_INSTANT = timedelta(microseconds=1)


async def report_months(ledger: Ledger, organisation: Organisation, now: datetime) -> None:
    """Finance hears once a month what all the teams' reviews came to."""
    month = _ended(organisation, now)
    if now < month.end + _AFTER or await ledger.jobs.is_done(JOB, "all", month.start):
        return
    if not await ledger.jobs.claim(JOB, "all", month.start, now):
        return
    teams = {team.key: team for team in await ledger.teams.all()}
    found = []
    for key in teams:
        reviews = await ledger.reviews.ended_in(key, month.start, month.end)
        if any(review.items for review in reviews):
            found.append(await roll_up(ledger, key, reviews, now))
    if found:
        names = {key: team.name for key, team in teams.items()}
        card = cards.of_all(found, in_all(found), names, _said(organisation, month))
        await _tell(ledger, organisation, (month, card), now)


def _ended(organisation: Organisation, now: datetime) -> Period:
    running = running_month(organisation.policy, now)
    return running_month(organisation.policy, running.start - _INSTANT)


def _said(organisation: Organisation, month: Period) -> str:
    return f"{local_day(month.start, organisation.policy.timezone):%B %Y}"


async def _tell(
    ledger: Ledger, organisation: Organisation, said: tuple[Period, Card], now: datetime
) -> None:
    """Each of finance; where nobody is, the admins' channel."""
    month, card = said
    key = f"review-month:{int(month.start.timestamp())}"
    for person in organisation.finance:
        await tell_person(ledger, organisation, Word(f"{key}:{person}", person, card), now)
    if not organisation.finance and organisation.admin_channel:
        await ledger.notices.post(key, organisation.admin_channel, card, now)
