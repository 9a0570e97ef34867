"""A source is pulled by one replica at a time: whoever holds it."""

import asyncio
from collections.abc import Awaitable, Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog

from handlers.desk import Desk
from storage.ledger import Ledger

# A replica that died holds its source no longer than this.
HOLD = timedelta(minutes=15)
HOLD_ON_EVERY_SECONDS = 60.0

log = structlog.get_logger()

_Result = TypeVar("_Result")


class TakenOver(Exception):
    """Another replica pulls the source by now, since this one stood still for too long."""


class Held:
    """A source that is this replica's until `until`, and longer each time it says so."""

    def __init__(self, desk: Desk, source: str, until: datetime, every: float) -> None:
        self._desk, self._source, self._until, self._every = desk, source, until, every

    async def while_fetching(self, fetching: Awaitable[_Result]) -> _Result:
        """A vendor may take longer than the hold. Raises TakenOver, and fetches no more then."""
        fetched = asyncio.ensure_future(fetching)
        try:
            while not (await asyncio.wait([fetched], timeout=self._every))[0]:
                await self._hold_on()
            return await fetched
        finally:
            fetched.cancel()
            await asyncio.gather(fetched, return_exceptions=True)

    async def _hold_on(self) -> None:
        try:
            await finished(self._extended())
        except TakenOver:
            raise
        except Exception:
            log.exception("a source cannot be held on to; it is tried again", source=self._source)

    async def _extended(self) -> None:
        until = self._desk.now() + HOLD
        async with self._desk.database.ledger() as ledger:
            await self.extend(ledger, until)
        self.extended(until)

    async def extend(self, ledger: Ledger, until: datetime) -> None:
        """Say `extended` once this is on disk. Raises TakenOver."""
        if not await ledger.pulls.hold(self._source, self._until, until):
            raise TakenOver

    def extended(self, until: datetime) -> None:
        self._until = until

    async def confirm(self, ledger: Ledger) -> None:
        """Raises TakenOver."""
        await self.extend(ledger, self._until)


async def finished(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Also when the bot is stopped meanwhile: no transaction is left halfway."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
