from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.periods import CapKind
from bot.refusal import Unknown
from bot.requests import Approval, Path, Question, State, Step, Until, ended
from tests.builders import ANA, MIA, MONDAY, OWEN, a_request, a_team, a_workflow

LATER = MONDAY + timedelta(hours=1)


@pytest.fixture
async def registry(database):
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow())
        await ledger.workflows.add(a_workflow(key="search-docs"))
    return database


async def add(database, *requests):
    async with database.ledger() as ledger:
        return [await ledger.requests.add(one) for one in requests]


async def end(database, request):
    async with database.ledger() as ledger:
        return await ledger.requests.end(request)


async def test_a_request_comes_back_as_it_went_in(registry):
    request = a_request(
        amount=Decimal("100.123456789"), until=Until.DAYS, days=7, reason="Ünïcode 😀", owner=None
    )

    await add(registry, request)

    async with registry.reading() as ledger:
        assert await ledger.requests.get("r-1") == request


async def test_so_does_what_was_said_to_it_on_its_way(registry):
    request = a_request(
        path=Path.EXPEDITED,
        approvals=(Approval(Step.APPROVER, MIA, ANA, LATER),),
        granted=Decimal("60.000000001"),
        questions=(Question("Why now?", ANA, MONDAY), Question("How?", ANA, MONDAY, "So.", LATER)),
        version=3,
        edition=2,
        step_since=LATER,
        reminds_at=LATER,
        escalates_at=LATER,
        escalated_at=LATER,
    )

    await add(registry, request)

    async with registry.reading() as ledger:
        assert await ledger.requests.get("r-1") == request


async def test_one_request_is_open_for_each_cap_of_a_workflow(registry):
    added = await add(
        registry,
        a_request(),
        a_request(id="r-2", asked_by=MIA),
        a_request(id="r-3", cap=CapKind.MONTHLY),
        a_request(id="r-4", workflow="search-docs"),
    )

    assert added == [True, False, True, True]


async def test_once_it_has_ended_the_next_may_be_asked(registry):
    await add(registry, a_request())
    await end(registry, ended(a_request(), State.DENIED, ANA, LATER, answer="No."))

    assert await add(registry, a_request(id="r-2")) == [True]


async def test_it_ends_once_and_the_first_end_stays(registry):
    await add(registry, a_request())

    first = await end(registry, ended(a_request(), State.DENIED, ANA, LATER, answer="No."))
    second = await end(registry, ended(a_request(), State.APPROVED, MIA, LATER))

    assert (first, second) == (True, False)
    async with registry.reading() as ledger:
        kept = await ledger.requests.get("r-1")
    assert (kept.state, kept.answered_by, kept.answer) == (State.DENIED, ANA, "No.")


async def test_within_one_ledger_an_end_is_read_back(registry):
    await add(registry, a_request())
    async with registry.ledger() as ledger:
        before = await ledger.requests.get("r-1")
        await ledger.requests.end(ended(before, State.EXPIRED, "budget-bot", LATER))

        assert (await ledger.requests.get("r-1")).state is State.EXPIRED


async def test_an_unknown_one_is_said_to_be_unknown(registry):
    async with registry.reading() as ledger:
        assert await ledger.requests.find("nothing") is None
        with pytest.raises(Unknown):
            await ledger.requests.get("nothing")


async def test_those_that_wait_come_oldest_first(registry):
    older = a_request(id="r-2", cap=CapKind.MONTHLY, asked_at=MONDAY - timedelta(days=1))
    elsewhere = a_request(id="r-3", workflow="search-docs", asked_by=MIA)
    over = a_request(id="r-4", workflow="search-docs", cap=CapKind.MONTHLY, state=State.EXPIRED)
    await add(registry, a_request(), older, elsewhere, over)

    async with registry.reading() as ledger:
        assert [one.id for one in await ledger.requests.waiting()] == ["r-2", "r-1", "r-3"]
        assert [one.id for one in await ledger.requests.waiting("search-ranking")] == ["r-2", "r-1"]


async def test_due_are_those_that_ran_out_and_still_wait(registry):
    other = a_request(id="r-2", cap=CapKind.MONTHLY, expires_at=MONDAY + timedelta(hours=73))
    await add(registry, a_request(), other)

    async with registry.reading() as ledger:
        at_the_end = await ledger.requests.due(a_request().expires_at)
        just_before = await ledger.requests.due(a_request().expires_at - timedelta(microseconds=1))
    assert [one.id for one in at_the_end] == ["r-1"]
    assert just_before == ()


async def test_raised_are_the_permanent_ones_that_were_approved(registry):
    granted = a_request(until=Until.PERMANENT, state=State.APPROVED, answered_at=LATER)
    await add(
        registry,
        granted,
        replace(granted, id="r-2", until=Until.WEEK),
        replace(granted, id="r-3", state=State.DENIED),
        replace(granted, id="r-4", workflow="search-docs"),
    )

    async with registry.reading() as ledger:
        assert await ledger.requests.raised("search-ranking") == (granted,)
    assert granted.asked_by == OWEN
