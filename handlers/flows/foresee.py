from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.periods import slot_of
from bot.policy import Organisation
from handlers.steps.each_apart import together_or_apart
from handlers.steps.look_ahead import look_ahead
from handlers.steps.overtake_forewarnings import end_forewarnings
from storage.ledger import Ledger

JOB = "foresee"
EVERY = timedelta(hours=1)
# Nobody else writes to SQLite meanwhile.
PAGE = 25
_DONE = "done"


async def foresee(ledger: Ledger, organisation: Organisation, now: datetime) -> None:
    """Look ahead at every active workflow once an hour, a page of them each time it is called."""
    hour = slot_of(now, EVERY)
    pages = await ledger.jobs.scopes(JOB, hour)
    if _DONE in pages:
        return
    keys = await ledger.workflows.active(skip=len(pages) * PAGE, limit=PAGE)
    page = str(len(pages)) if len(keys) == PAGE else _DONE
    if not await ledger.jobs.once_in(JOB, hour, now, page):
        return

    if not pages:
        await end_forewarnings(ledger, now)

    async def look(some: Iterable[str]) -> None:
        known = await ledger.workflows.find(some)
        await look_ahead(ledger, organisation, known.values(), now)

    await together_or_apart(ledger, keys, look)
