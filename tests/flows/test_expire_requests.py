import asyncio
from datetime import timedelta

import pytest

from bot.requests import State
from handlers.flows.expire_requests import expire_requests
from handlers.flows.request_more import request_more
from handlers.steps.close_requests import close_requests
from handlers.steps.read_open_requests import read_open_requests
from storage.database import Database
from tests.builders import (
    ANA,
    FIN,
    MIA,
    MONDAY,
    OWEN,
    a_draft,
    a_request,
    a_team,
    a_workflow,
    an_organisation,
)
from tests.outbox import said

ORGANISATION = an_organisation()
SEARCH = "C0SEARCH"
DEADLINE = MONDAY + timedelta(hours=72)
A_MOMENT = timedelta(microseconds=1)


@pytest.fixture
async def asked(database):
    """The database with an active workflow and the request `r-1`, which Mia asked."""
    async with database.ledger() as ledger:
        await ledger.organisation.save(ORGANISATION)
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow())
        await request_more("r-1", a_draft(asked_by=MIA), ledger, ORGANISATION, MONDAY)
    return database


async def tick(database, now=DEADLINE):
    async with database.ledger() as ledger:
        return await expire_requests(ledger, ORGANISATION, now)


async def state(database, request="r-1"):
    async with database.reading() as ledger:
        return (await ledger.requests.get(request)).state


async def test_until_its_last_moment_it_waits(asked):
    assert await tick(asked, DEADLINE - A_MOMENT) == 0
    assert await state(asked) is State.WAITING


async def test_then_it_has_expired_its_buttons_go_and_the_requester_is_told(asked):
    await tick(asked)

    assert await state(asked) is State.EXPIRED
    (edited,) = await said(asked, act="update", to=SEARCH)
    says = "⌛ Expired Thu 26 Nov 10:00 CET: nobody answered in time."
    assert edited.text.startswith(says)
    assert "actions" not in [block["type"] for block in edited.blocks]
    told = (await said(asked, to=MIA))[-1]
    assert says in told.text
    assert "`/budget request search-ranking`" in told.text


async def test_expiring_is_the_bots_act_in_the_workflows_history(asked):
    await tick(asked)

    async with asked.reading() as ledger:
        newest = (await ledger.changes.of("search-ranking"))[0]
    assert newest.actor == "budget-bot"
    assert newest.what == "let the request for $100.00 more on the weekly cap expire"


async def test_a_clock_that_was_stopped_for_days_says_when_it_really_ran_out(asked):
    await tick(asked, DEADLINE + timedelta(days=4))

    assert "Expired Thu 26 Nov 10:00 CET" in (await said(asked, to=MIA))[-1].text


async def test_run_again_or_after_a_restart_nothing_is_said_twice(asked):
    await tick(asked)
    before = len(await said(asked))
    again = Database(asked.url.render_as_string(hide_password=False))
    try:
        assert await tick(again, DEADLINE + timedelta(minutes=1)) == 0
    finally:
        await again.close()

    assert len(await said(asked)) == before
    assert len(await said(asked, act="update")) == 1


async def test_two_clocks_at_once_expire_it_once(asked):
    assert sum(await asyncio.gather(*(tick(asked) for _ in range(4)))) == 1
    assert len(await said(asked, act="update")) == 1


async def test_what_has_run_out_before_the_clock_came_round_is_asked_of_nobody(asked):
    async with asked.reading() as ledger:
        early = await read_open_requests(ledger, ORGANISATION, ANA, DEADLINE - A_MOMENT)
        late = await read_open_requests(ledger, ORGANISATION, ANA, DEADLINE)

    assert [one.request.id for one in early.to_answer] == ["r-1"]
    assert late.to_answer == ()


@pytest.mark.parametrize(
    ("user", "asks", "answers"), [(MIA, 1, 0), (ANA, 0, 1), (OWEN, 0, 0), (FIN, 0, 0)]
)
async def test_everybody_finds_what_they_asked_and_what_waits_for_them(asked, user, asks, answers):
    async with asked.reading() as ledger:
        found = await read_open_requests(ledger, ORGANISATION, user, MONDAY)

    assert (len(found.asked), len(found.to_answer)) == (asks, answers)


async def test_retiring_the_workflow_closes_its_requests_and_tells_the_requesters(asked):
    async with asked.ledger() as ledger:
        await close_requests(ledger, a_workflow(), "Search ranking is retired.", MONDAY)

    assert await state(asked) is State.CLOSED
    (edited,) = await said(asked, act="update", to=SEARCH)
    assert edited.text.startswith("🔒 Closed: Search ranking is retired.")
    assert "actions" not in [block["type"] for block in edited.blocks]
    assert "Closed: Search ranking is retired." in (await said(asked, to=MIA))[-1].text


async def test_closing_leaves_other_workflows_alone(asked):
    async with asked.ledger() as ledger:
        await close_requests(ledger, a_workflow(key="other"), "Retired.", MONDAY)

    assert await state(asked) is State.WAITING
    assert a_request().notice == "request:r-1"
