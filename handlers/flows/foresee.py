from datetime import UTC, datetime, timedelta

from bot.policy import Organisation
from handlers.steps.look_ahead import look_ahead
from storage.ledger import Ledger

JOB = "foresee"
EVERY = timedelta(hours=1)
# Nobody else writes to SQLite meanwhile.
PAGE = 25
_DONE = "done"


async def foresee(ledger: Ledger, organisation: Organisation, now: datetime) -> None:
    """Look ahead at every active workflow once an hour, a page of them each time it is called."""
    hour = _hour(now)
    pages = await ledger.jobs.scopes(JOB, hour)
    if _DONE in pages:
        return
    keys = await ledger.workflows.active(skip=len(pages) * PAGE, limit=PAGE)
    page = str(len(pages)) if len(keys) == PAGE else _DONE
    if not await ledger.jobs.claim(JOB, page, hour, now):
        return
    await ledger.jobs.forget(JOB, hour)
    await look_ahead(ledger, organisation, (await ledger.workflows.find(keys)).values(), now)


def _hour(now: datetime) -> datetime:
    seconds = int(EVERY.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)
