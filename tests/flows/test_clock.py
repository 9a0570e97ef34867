import asyncio

import pytest
from sqlalchemy import event

from handlers import clock
from handlers.clock import tick, ticking
from handlers.desk import Desk
from storage.database import WouldWrite
from tests.builders import MONDAY, a_team


class Slow(Desk):
    """It takes its time."""

    def __init__(self, database):
        super().__init__(database)
        self.asked = asyncio.Event()
        self.begun = self.answered = 0

    async def organisation(self, ledger):
        self.asked.set()
        self.begun += 1
        found = await super().organisation(ledger)
        await asyncio.sleep(0.02)
        self.answered += 1
        return found


async def test_a_tick_that_runs_is_waited_for_so_that_no_connection_stays_open(database):
    desk = Slow(database)

    async with ticking(desk):
        await desk.asked.wait()

    assert desk.answered == desk.begun


def statements(database):
    said = []

    @event.listens_for(database.engine.sync_engine, "before_cursor_execute")
    def note(_connection, _cursor, statement, *_):
        said.append(statement.split()[0])

    return said


async def test_a_tick_with_nothing_due_writes_nothing(database):
    desk = Counted(database)
    await tick(desk)
    said = statements(database)

    await tick(desk)

    assert {"INSERT", "UPDATE", "DELETE"}.isdisjoint(said)
    assert len(said) < 40


class Counted(Desk):
    def __init__(self, database):
        super().__init__(database)
        self.organisations = 0

    def now(self):
        return MONDAY

    async def organisation(self, ledger):
        self.organisations += 1
        return await super().organisation(ledger)


async def looks(ledger, _organisation, _now):
    await ledger.teams.all()


async def saves(ledger, _organisation, now):
    await ledger.jobs.once_in("saves", now, now)


async def fails(_ledger, _organisation, _now):
    raise ValueError("on purpose")


@pytest.mark.parametrize(
    ("jobs", "asked"),
    [((looks, looks, looks), 1), ((looks, saves, looks), 3), ((looks, looks, saves), 2)],
)
async def test_the_organisation_is_read_again_only_where_something_is_due(
    database, monkeypatch, jobs, asked
):
    monkeypatch.setattr(clock, "JOBS", jobs)
    desk = Counted(database)

    await tick(desk)

    assert desk.organisations == asked


async def test_what_fails_stops_none_of_the_others(database, monkeypatch):
    monkeypatch.setattr(clock, "JOBS", (fails, saves, fails))

    await tick(Counted(database))

    async with database.reading() as ledger:
        assert await ledger.jobs.is_done("saves", "", MONDAY)


async def adds(ledger):
    await ledger.teams.save(a_team())
    await ledger.flush()


async def changes(ledger):
    await ledger.organisation.touch()


async def removes(ledger):
    await ledger.jobs.forget("saves", MONDAY)


@pytest.mark.parametrize("write", [adds, changes, removes])
async def test_a_rehearsal_stops_before_the_first_write(database, write):
    with pytest.raises(WouldWrite):
        async with database.rehearsal() as ledger:
            await write(ledger)

    async with database.reading() as ledger:
        assert not await ledger.teams.all()


async def test_what_is_done_once_a_slot_is_not_claimed_again(database):
    async with database.ledger() as ledger:
        firsts = [await ledger.jobs.once_in("sweep", MONDAY, MONDAY) for _ in range(3)]

    assert firsts == [True, False, False]


async def test_of_two_that_claim_a_slot_at_once_one_has_it(database):
    async def claim():
        async with database.ledger() as ledger:
            return await ledger.jobs.once_in("sweep", MONDAY, MONDAY)

    assert sorted(await asyncio.gather(*(claim() for _ in range(4)))) == [False, False, False, True]
