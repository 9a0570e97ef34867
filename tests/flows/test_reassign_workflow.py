"""Offering a workflow to another owner, and what becomes of the offer."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.periods import BEGINNING, Calendar
from bot.reassignments import OfferedAlready
from bot.refusal import NotAllowed, Refusal, TooLate
from bot.requests import Reply
from bot.workflows import Status
from handlers.flows.answer_reassignment import accept_workflow, decline_workflow, take_offer_back
from handlers.flows.answer_request import check_answer
from handlers.flows.expire_offers import expire_offers
from handlers.steps.offer_workflow import Offer, offer_workflow
from handlers.steps.open_request import open_request
from handlers.steps.retire_workflow import retire
from storage.database import Database
from storage.schema import migrate
from tests.builders import ANA, FIN, MIA, MONDAY, OWEN, a_draft, a_workflow, an_organisation
from tests.outbox import said
from tests.registry import settled, stored, trail

ORGANISATION = an_organisation()
KEY = "search-ranking"


@pytest.fixture
async def registry(database):
    await settled(database, a_workflow())
    return database


async def offers(database, by=OWEN, to=FIN, now=MONDAY, **named):
    async with database.ledger() as ledger:
        wanted = Offer(KEY, by, to, **named)
        return (await offer_workflow(wanted, ledger, ORGANISATION, now)).offer


async def does(act, database, offer, *words, by, now=MONDAY):
    async with database.ledger() as ledger:
        return await act(offer.id, *words, by=by, ledger=ledger, organisation=ORGANISATION, now=now)


async def test_only_the_person_who_was_named_answers(registry):
    offer = await offers(registry)

    for by in (OWEN, MIA, ANA, "U0SAM"):
        with pytest.raises(NotAllowed, match="Only <@U0FIN>"):
            await does(accept_workflow, registry, offer, by=by)
        with pytest.raises(NotAllowed, match="Only <@U0FIN>"):
            await does(decline_workflow, registry, offer, "no", by=by)
    assert (await stored(registry)).owner == OWEN


async def test_whoever_comes_second_is_told_how_it_ended(registry):
    offer = await offers(registry)
    await does(accept_workflow, registry, offer, by=FIN)

    with pytest.raises(TooLate, match="<@U0FIN> accepted"):
        await does(accept_workflow, registry, offer, by=FIN)
    with pytest.raises(TooLate, match="accepted"):
        await does(take_offer_back, registry, offer, by=OWEN)
    assert [one.what for one in await trail(registry)].count("took it over") == 1


async def test_a_backup_who_accepts_backs_it_up_no_longer(registry):
    offer = await offers(registry, by=ANA, to=MIA)

    await does(accept_workflow, registry, offer, by=MIA)

    workflow = await stored(registry)
    assert (workflow.owner, workflow.backup) == (MIA, None)
    assert any("no backup now" in one.text for one in await said(registry, to="C0SEARCH"))
    assert any("you no longer own it" in one.text for one in await said(registry, to=OWEN))


async def test_another_owner_meanwhile_leaves_nothing_to_accept(registry):
    offer = await offers(registry)
    async with registry.ledger() as ledger:
        workflow = await ledger.workflows.get(KEY)
        await ledger.workflows.save(replace(workflow, owner=MIA, backup=None))

    told = await does(accept_workflow, registry, offer, by=FIN)

    assert "too late: it belongs to <@U0MIA> now" in told.text
    assert (await stored(registry)).owner == MIA
    assert any("is closed" in one.text for one in await said(registry, to=OWEN))


async def test_a_retired_workflow_is_offered_to_nobody(registry):
    offer = await offers(registry)
    async with registry.ledger() as ledger:
        workflow = await ledger.workflows.get(KEY)
        await retire(ledger, ORGANISATION, workflow, OWEN, "", MONDAY)

    with pytest.raises(TooLate, match="the workflow was retired"):
        await does(accept_workflow, registry, offer, by=FIN)
    with pytest.raises(Refusal, match="is retired"):
        await offers(registry)
    assert any("was retired" in one.text for one in await said(registry, to=FIN))


async def test_one_that_ran_out_makes_room_before_the_clock_comes_round(registry):
    await offers(registry)
    late = MONDAY + timedelta(days=3)

    with pytest.raises(OfferedAlready, match="Take it back first"):
        await offers(registry, by=MIA, to=ANA, now=late - timedelta(seconds=1))
    again = await offers(registry, by=MIA, to=ANA, now=late)

    assert again.to == ANA
    assert any("has not answered" in one.text for one in await said(registry, to=OWEN))


async def test_accepting_too_late_says_so_and_ends_it(registry):
    offer = await offers(registry)

    told = await does(accept_workflow, registry, offer, by=FIN, now=MONDAY + timedelta(days=3))

    assert "it has expired" in told.text
    assert (await stored(registry)).owner == OWEN


async def test_who_owned_it_when_more_was_asked_for_stays_barred(registry):
    async with registry.ledger() as ledger:
        request = await open_request(ledger, ORGANISATION, a_draft(asked_by=MIA), MONDAY)
    async with registry.ledger() as ledger:
        workflow = await ledger.workflows.get(KEY)
        await ledger.workflows.save(replace(workflow, approver=OWEN))
    offer = await offers(registry)
    await does(accept_workflow, registry, offer, by=FIN)

    async with registry.reading() as ledger:
        with pytest.raises(NotAllowed):
            reply = Reply(request.id, OWEN, request.channel)
            await check_answer(reply, ledger, ORGANISATION, MONDAY)


@pytest.mark.parametrize(
    ("zone", "asked", "expires"),
    [
        pytest.param("Europe/Berlin", "2026-10-23T09:00", "2026-10-26T10:00", id="winter comes"),
        pytest.param("Europe/Berlin", "2027-03-26T10:00", "2027-03-29T09:00", id="summer comes"),
        pytest.param("Pacific/Auckland", "2026-09-25T21:00", "2026-09-28T20:00", id="Auckland"),
        pytest.param("Asia/Kolkata", "2028-02-27T03:30", "2028-03-01T03:30", id="a leap day"),
        pytest.param("America/Sao_Paulo", "2026-12-30T12:00", "2027-01-02T12:00", id="new year"),
        pytest.param("America/Los_Angeles", "2026-10-30T16:00", "2026-11-02T17:00", id="LA"),
    ],
)
async def test_it_expires_at_the_same_local_time(database, zone, asked, expires):
    asked_at, until = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (asked, expires))
    await settled(
        database,
        a_workflow(calendars=(Calendar(BEGINNING, zone),), review_date=date(2030, 1, 1)),
    )

    offer = await offers(database, now=asked_at)

    assert offer.expires_at == until


async def test_of_two_offers_at_once_one_is_open(postgres_url):
    url = postgres_url()
    one, other = Database(url), Database(url)
    await migrate(one)
    await settled(one, a_workflow())
    for _ in range(10):
        asked = await asyncio.gather(
            *(offers(database, to=to) for database, to in ((one, FIN), (other, ANA)) * 2),
            return_exceptions=True,
        )
        [won] = [each for each in asked if not isinstance(each, BaseException)]
        assert all(isinstance(each, OfferedAlready) for each in asked if each is not won)
        ends = await asyncio.gather(
            does(accept_workflow, one, won, by=won.to),
            does(take_offer_back, other, won, by=OWEN),
            return_exceptions=True,
        )
        assert sum(isinstance(each, TooLate) for each in ends) == 1, ends
        async with one.ledger() as ledger:
            workflow = await ledger.workflows.get(KEY)
            if workflow.owner != OWEN:
                await ledger.workflows.save(replace(workflow, owner=OWEN))
    await one.close()
    await other.close()


async def test_the_clock_says_once_that_it_ran_out(registry):
    await offers(registry)
    late = MONDAY + timedelta(days=3)

    for _ in range(2):
        async with registry.ledger() as ledger:
            await expire_offers(ledger, ORGANISATION, late)

    assert len([one for one in await said(registry, to=OWEN) if "has not" in one.text]) == 1
    assert (await stored(registry)).status is Status.ACTIVE
