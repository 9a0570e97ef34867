"""One writer per process: what concurrent requests bring is booked together, then answered."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import stamina
import structlog

from bot.refusal import Refusal
from bot.usage import Answer, Usage
from handlers.desk import Desk
from handlers.flows.record_usage import record_usage
from handlers.http.apart import Readers
from handlers.http.room import Room
from handlers.steps.quiet_marks import QuietMarks
from storage.database import is_passing

log = structlog.get_logger()

# In rows: a request is turned away when so many are waiting.
HIGH_WATER = 50_000
# In rows, one booking. SQLite writes alone; on PostgreSQL several share what is waiting.
MOST_ALONE = 5_000
MOST_SHARED = 1_000
PARALLEL = 4


class NotNow(Exception):
    """The database did not take it, and may a moment later. Nothing is booked."""


@dataclass(frozen=True, eq=False)
class _Waiting:
    batch: Sequence[Usage]
    answered: "asyncio.Future[Sequence[Answer]]"


class UsageWriter:
    """SQLite has one writing connection, so one task; PostgreSQL is written by several."""

    def __init__(self, desk: Desk, *, parallel: int = PARALLEL) -> None:
        # For what the doors have not understood yet.
        self.room = Room()
        self.readers = Readers()
        self._desk = desk
        self._parallel = 1 if desk.database.is_sqlite else parallel
        self._most = MOST_ALONE if self._parallel == 1 else MOST_SHARED
        self._queue: deque[_Waiting] = deque()
        self._rows = 0
        self._marks = QuietMarks()
        self._wake = asyncio.Event()
        self._closing = False

    def now(self) -> datetime:
        return self._desk.now()

    @property
    def full(self) -> bool:
        """Whether a request is to be turned away before it is read."""
        return self._closing or self._rows >= HIGH_WATER

    async def book(self, batch: Sequence[Usage]) -> Sequence[Answer]:
        """Returns when it is committed. Raises what kept it from being booked."""
        waiting = _Waiting(batch, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._rows += len(batch)
        self._wake.set()
        return await waiting.answered

    async def run(self) -> None:
        """Until cancelled; then books what is waiting still."""
        tasks = [asyncio.create_task(self._work()) for _ in range(self._parallel)]
        try:
            await asyncio.Event().wait()
        finally:
            self._closing = True
            self._wake.set()
            await asyncio.gather(*tasks)

    async def _work(self) -> None:
        while self._queue or not self._closing:
            if not self._queue:
                self._wake.clear()
                await self._wake.wait()
                continue
            await self._write(self._taken())

    def _taken(self) -> list[_Waiting]:
        taken = [self._queue.popleft()]
        rows = len(taken[0].batch)
        while self._queue and rows + len(self._queue[0].batch) <= self._most:
            taken.append(self._queue.popleft())
            rows += len(taken[-1].batch)
        self._rows -= rows
        return taken

    async def _write(self, taken: list[_Waiting]) -> None:
        """One that cannot be booked does not fail its neighbours: they are booked one by one."""
        try:
            answers = await self._booked([usage for one in taken for usage in one.batch])
        except Exception as error:  # noqa: BLE001 - every kind of failure is told to who waits
            await self._failed(taken, error)
            return
        at = 0
        for one in taken:
            _tell(one, answers[at : at + len(one.batch)])
            at += len(one.batch)

    async def _failed(self, taken: list[_Waiting], error: Exception) -> None:
        if len(taken) > 1 and not is_passing(error):
            for one in taken:
                await self._write([one])
            return
        if not isinstance(error, Refusal):
            log.error("usage not booked", requests=len(taken), exc_info=error)
        for one in taken:
            if not one.answered.done():
                one.answered.set_exception(NotNow() if is_passing(error) else error)

    @stamina.retry(on=is_passing, attempts=4, wait_initial=0.02, wait_max=0.5, timeout=10)
    async def _booked(self, batch: Sequence[Usage]) -> Sequence[Answer]:
        now = self._desk.now()
        async with self._desk.database.ledger() as ledger:
            done = await record_usage(batch, ledger, self._desk, now, self._marks)
        self._marks.remember(done.recorded.registry_version, done.quiet)
        return done.recorded.answers


def _tell(one: _Waiting, answers: Sequence[Answer]) -> None:
    # Whoever hung up meanwhile has its records booked all the same.
    if not one.answered.done():
        one.answered.set_result(answers)
