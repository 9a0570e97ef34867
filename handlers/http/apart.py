"""Large bodies are understood in a process of their own: nobody in Slack waits for it."""

from collections.abc import Callable
from typing import TypeVar

import structlog
from anyio import BrokenWorkerProcess, CapacityLimiter, to_process

from handlers.http.room import busy

log = structlog.get_logger()

# In bytes. Below it, reading takes a few milliseconds; a process takes a second to begin.
LARGE = 100_000
# Two read faster than one process books.
_PROCESSES = 2

_T = TypeVar("_T")


class Readers:
    """Processes begin when they are first needed."""

    def __init__(self) -> None:
        self._limiter = CapacityLimiter(_PROCESSES)

    async def read(self, work: Callable[..., _T], body: bytes, *others: object) -> _T:
        """What `work` makes of the body, as a copy. Raises what it raises, and HTTPException."""
        if len(body) <= LARGE:
            return work(body, *others)
        try:
            return await to_process.run_sync(work, body, *others, limiter=self._limiter)
        except BrokenWorkerProcess as error:
            log.exception("reading process died", bytes=len(body))
            raise busy("The body could not be read.") from error
