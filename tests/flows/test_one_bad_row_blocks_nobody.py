"""What is due together is done apart: a row that cannot be read stops only itself."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from bot.requests import State
from bot.snoozes import Snooze
from handlers.clock import JOBS
from handlers.flows.draft_requests import draft_requests
from handlers.flows.request_more import request_more
from handlers.steps.each_apart import each_apart, together_or_apart
from handlers.steps.raise_alerts import raise_alerts
from tests.builders import MIA, MONDAY, a_draft, a_team, a_workflow, an_organisation
from tests.outbox import said
from tests.spending import spend

ORGANISATION = an_organisation()
BAD, GOOD = a_workflow(key="a-bad-one"), a_workflow(key="good")
HOUR = timedelta(hours=1)


@pytest.fixture
async def both(database):
    async with database.ledger() as ledger:
        await ledger.organisation.save(ORGANISATION)
        await ledger.teams.save(a_team())
        for one in (BAD, GOOD):
            await ledger.workflows.add(one)
    return database


async def spoil(database):
    async with database.engine.begin() as connection:
        wrong = text("UPDATE workflows SET status = 'gone' WHERE key = 'a-bad-one'")
        await connection.execute(wrong)


async def run(database, now):
    """Every job of the clock; the names of those that failed as a whole."""
    failed = []
    with capture_logs() as logged:
        for job in JOBS:
            try:
                async with database.ledger() as ledger:
                    await job(ledger, ORGANISATION, now)
            except Exception:  # noqa: BLE001 - whatever a job fails with
                failed.append(job.__name__)
    return failed, logged


async def asked(database, key, request):
    async with database.ledger() as ledger:
        draft = a_draft(workflow=key, asked_by=MIA)
        await request_more(request, draft, ledger, ORGANISATION, MONDAY)


async def test_requests_expire_beside_one_whose_workflow_cannot_be_read(both):
    await asked(both, BAD.key, "r-1")
    await asked(both, GOOD.key, "r-2")
    await spoil(both)

    _, logged = await run(both, MONDAY + 73 * HOUR)

    async with both.reading() as ledger:
        assert (await ledger.requests.get("r-1")).state is State.WAITING
        assert (await ledger.requests.get("r-2")).state is State.EXPIRED
    assert {"row": BAD.key, "log_level": "error"}.items() <= logged[0].items()


async def test_alerts_go_on_to_the_next_beside_it(both):
    for one in (BAD, GOOD):
        await spend(both, one, 230, MONDAY)
        async with both.ledger() as ledger:
            await raise_alerts(ledger, ORGANISATION, [one.key], MONDAY)
    await spoil(both)

    await run(both, MONDAY + 5 * HOUR)

    [word] = await said(both, to=MIA)
    assert "No one has acted on this alert" in word.text


async def test_snoozes_end_beside_it(both):
    async with both.ledger() as ledger:
        for one in (BAD, GOOD):
            snooze = Snooze(f"s-{one.key}", one.key, 90, "k", MIA, MONDAY, MONDAY + HOUR)
            await ledger.snoozes.begin(snooze)
    await spoil(both)

    await run(both, MONDAY + 2 * HOUR)

    async with both.reading() as ledger:
        assert [*await ledger.snoozes.running([BAD.key, GOOD.key])] == [BAD.key]


async def test_drafts_are_written_beside_it(both):
    for one in (BAD, GOOD):
        await spend(both, one, 230, MONDAY)
    async with both.engine.begin() as connection:
        wrong = text("UPDATE workflows SET tier = 'gone' WHERE key = 'a-bad-one'")
        await connection.execute(wrong)

    async with both.ledger() as ledger:
        await draft_requests(ledger, ORGANISATION, MONDAY + 2 * HOUR)

    async with both.reading() as ledger:
        assert {key for key, *_ in await ledger.drafts.running([GOOD.key], MONDAY)} == {GOOD.key}


async def test_what_one_had_done_before_it_failed_is_undone(both):
    async def act(key):
        async with both_ledger.attempt():
            await both_ledger.jobs.claim("tried", key, MONDAY, MONDAY)
        if key == "bad":
            raise ValueError(key)
        return key

    async with both.ledger() as both_ledger:
        assert await each_apart(both_ledger, ["bad", "good"], act) == ["good"]

    async with both.reading() as ledger:
        assert set(await ledger.jobs.scopes("tried", MONDAY)) == {"good"}


async def test_together_costs_one_call_until_one_fails(both):
    calls = []

    async def act(keys):
        calls.append([*keys])
        if "bad" in keys:
            raise ValueError

    async with both.ledger() as ledger:
        await together_or_apart(ledger, ["good"], act)
        await together_or_apart(ledger, ["bad", "good"], act)
        await together_or_apart(ledger, [], act)

    assert calls == [["good"], ["bad", "good"], ["bad"], ["good"]]
