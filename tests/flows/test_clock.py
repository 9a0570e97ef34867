import asyncio

from handlers.clock import JOBS, ticking
from handlers.desk import Desk


class Slow(Desk):
    """It is asked once a job, and takes its time."""

    def __init__(self, database):
        super().__init__(database)
        self.asked = asyncio.Event()
        self.answered = 0

    async def organisation(self, ledger):
        self.asked.set()
        found = await super().organisation(ledger)
        await asyncio.sleep(0.02)
        self.answered += 1
        return found


async def test_a_tick_that_runs_is_waited_for_so_that_no_connection_stays_open(database):
    desk = Slow(database)

    async with ticking(desk):
        await desk.asked.wait()

    assert desk.answered == len(JOBS)
