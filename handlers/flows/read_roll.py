from datetime import UTC, datetime, timedelta

from bot.departures import on_the_roll
from bot.policy import Organisation
from storage.ledger import Ledger

_JOB = "roll-call"
_FRESH = timedelta(days=1)
_EVERY = 600  # seconds
_AT_ONCE = 50


async def read_roll(ledger: Ledger, organisation: Organisation, now: datetime) -> tuple[str, ...]:
    """Who holds a role and was not looked at for a day; some of them, for one caller at a time."""
    turn = datetime.fromtimestamp(int(now.timestamp()) // _EVERY * _EVERY, UTC)
    if not await ledger.jobs.claim(_JOB, "", turn, now):
        return ()
    await ledger.jobs.forget(_JOB, now - _FRESH)
    roll = on_the_roll(await ledger.workflows.all(), await ledger.teams.all(), organisation)
    fresh = await ledger.people.read_since(now - _FRESH)
    return tuple(sorted(roll - fresh))[:_AT_ONCE]
