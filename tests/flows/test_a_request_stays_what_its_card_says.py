"""While a request waits, roles, caps and calendars change: its card and its answers keep up."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.policy import PerClass, Policy
from bot.refusal import NotAllowed, Refusal
from bot.requests import Less, Reply, State, Until
from handlers.flows.answer_request import answer_request
from handlers.flows.expedite_workflow import expedite_workflow
from handlers.flows.remind_requests import remind_requests
from handlers.flows.request_more import request_more
from handlers.flows.withdraw_request import withdraw_request
from tests.builders import (
    ANA,
    MIA,
    MONDAY,
    SAM,
    a_draft,
    a_team,
    a_workflow,
    an_organisation,
)

SEARCH = "C0SEARCH"
ORGANISATION = an_organisation()
HOUR = timedelta(hours=1)
LATER = MONDAY + HOUR


@pytest.fixture
async def running(database):
    async with database.ledger() as ledger:
        await ledger.organisation.save(ORGANISATION)
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow())
    return database


async def asks(database, now=MONDAY, organisation=ORGANISATION, **named):
    draft = a_draft(**({"asked_by": MIA} | named))
    async with database.ledger() as ledger:
        return await request_more("r-1", draft, ledger, organisation, now)


async def answers(database, by=ANA, now=LATER, organisation=ORGANISATION, **named):
    reply = replace(Reply("r-1", by, SEARCH, State.APPROVED), **named)
    async with database.ledger() as ledger:
        return await answer_request(reply, ledger, organisation, now)


async def changes(database, **named):
    async with database.ledger() as ledger:
        workflow = await ledger.workflows.get("search-ranking")
        await ledger.workflows.save(replace(workflow, **named))


async def expedites(database, by=SAM, now=LATER, organisation=ORGANISATION):
    async with database.ledger() as ledger:
        words = "search-ranking 3 of 3 outcomes met"
        return await expedite_workflow(
            words, by=by, ledger=ledger, organisation=organisation, now=now
        )


async def test_a_mark_of_proven_return_leaves_what_waits_as_it_was_asked(running):
    await asks(running, amount=Decimal(900))
    await expedites(running)

    answered = await answers(running, now=LATER + HOUR)

    assert answered.state is State.WAITING


async def test_a_mark_spares_its_maker_nothing(running):
    await expedites(running, now=MONDAY)
    await asks(running, asked_by=SAM, amount=Decimal(900))

    answered = await answers(running)

    assert answered.state is State.WAITING


async def test_an_owner_marks_no_workflow_of_their_own(running):
    await changes(running, owner=SAM)

    with pytest.raises(NotAllowed, match="another admin"):
        await expedites(running)


async def test_less_than_for_good_is_no_longer_than_the_policy_lets_anybody_ask(running):
    await asks(running, until=Until.PERMANENT)

    with pytest.raises(Refusal, match="at most 90 days at a time") as refused:
        await answers(running, less=Less(Decimal(50), Until.DAYS, 366))

    assert refused.value.field == "days"


async def test_less_than_for_good_is_no_larger_than_the_policy_lets_anybody_ask(running):
    largest = PerClass(Decimal(150), Decimal(150), Decimal(150))
    organisation = an_organisation(policy=Policy("Europe/Berlin", largest_raise=largest))
    await asks(running, organisation=organisation, until=Until.PERMANENT)

    with pytest.raises(Refusal, match="at most \\$150") as refused:
        await answers(running, organisation=organisation, less=Less(Decimal(90), Until.DAYS, 20))

    assert refused.value.field == "amount"


async def test_a_reminder_that_waits_for_the_morning_goes_with_its_request(running):
    evening = MONDAY + timedelta(hours=5, minutes=30)
    await asks(running, now=evening)
    async with running.ledger() as ledger:
        await remind_requests(ledger, ORGANISATION, evening + 8 * HOUR)
    async with running.ledger() as ledger:
        assert await ledger.held_words.waiting(ANA)

    async with running.ledger() as ledger:
        await withdraw_request(Reply("r-1", MIA, SEARCH), ledger, evening + 9 * HOUR)

    async with running.ledger() as ledger:
        assert not await ledger.held_words.waiting(ANA)
