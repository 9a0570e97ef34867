"""Large bodies are understood in processes of their own: nobody in Slack waits for it."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

import structlog
from fastapi import HTTPException

from handlers.http.limits import TooMuch, be_bounded, within_limits
from handlers.http.room import busy

log = structlog.get_logger()

# In bytes. Below it, reading takes a few milliseconds; a process takes a second to begin.
LARGE = 100_000
# Two read faster than one process books.
_PROCESSES = 2

_T = TypeVar("_T")


class Readers:
    """Processes begin when they are first needed, and stay."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    async def read(self, work: Callable[..., _T], body: bytes, *others: object) -> _T:
        """What `work` makes of the body, as a copy. Raises what it raises, and HTTPException."""
        if len(body) <= LARGE:
            return work(body, *others)
        pool = self._pool = self._pool or _pool()
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(pool, within_limits, work, body, *others)
        except TooMuch as much:
            raise HTTPException(413, str(much)) from much
        except (BrokenExecutor, OSError) as error:
            log.exception("reading process died", bytes=len(body))
            if self._pool is pool:
                self.close()
            raise busy("The body could not be read.") from error
        except asyncio.CancelledError as end:
            raise busy("The bot is stopping.") from end

    def close(self) -> None:
        """What is being read is read to its end; nothing else is begun."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)


def _pool() -> ProcessPoolExecutor:
    # Else a file of the working folder that is called as a module would be run in its place.
    os.environ["PYTHONSAFEPATH"] = "1"
    return ProcessPoolExecutor(_PROCESSES, get_context("spawn"), be_bounded)
