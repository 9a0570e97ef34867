from collections.abc import Awaitable, Callable, Collection
from datetime import datetime

from storage.ledger import Ledger

# Nobody else writes to SQLite meanwhile.
PAGE = 25
# Behind every key.
_END = "~"


async def next_page(
    ledger: Ledger,
    job: str,
    slot: datetime,
    due: Callable[[], Awaitable[Collection[str]]],
    now: datetime,
) -> tuple[str, ...]:
    """The next keys of what is due in this slot, for one caller; none once all were given out,
    which is one question. What comes up before a page that is done waits for the next slot.
    """
    after = max(await ledger.jobs.scopes(job, slot), default="")
    if after == _END:
        return ()
    keys = [key for key in sorted(await due()) if key > after][:PAGE]
    through = keys[-1] if len(keys) == PAGE else _END
    return tuple(keys) if await ledger.jobs.once_in(job, slot, now, through) else ()
