import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.delegations import Delegation
from bot.edits import Wrong
from bot.handovers import Handover
from bot.people import Person
from bot.refusal import NotAllowed, Unknown
from handlers.flows.be_away import be_away, be_back
from handlers.flows.stand_in import begin_delegation, delegate, end_delegation
from handlers.steps.read_glance import read_glance
from tests.builders import (
    ANA,
    FIN,
    MIA,
    MONDAY,
    OWEN,
    SAM,
    a_review,
    a_team,
    a_workflow,
    an_organisation,
)
from tests.outbox import said
from tests.registry import trail

ORGANISATION = an_organisation()
KIM = "U0KIM"
TODAY = date(2026, 11, 23)
PLAIN = Handover("d-1", ANA, KIM, TODAY, TODAY + timedelta(days=7), "Holiday.")


@pytest.fixture
async def known(database):
    """A database with a team, its workflow, and people whom Slack has told of."""
    async with database.ledger() as ledger:
        await ledger.organisation.save(ORGANISATION)
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow())
        for who, zone in ((KIM, "Asia/Kolkata"), (ANA, "Europe/Lisbon"), (OWEN, None)):
            await ledger.people.save(
                Person(who, who, zone, outsider=False, deleted=False, read_at=MONDAY)
            )
    return database


async def name(database, now=MONDAY, **named):
    async with database.ledger() as ledger:
        organisation = await ledger.organisation.get((SAM,))
        return await delegate(replace(PLAIN, **named), ledger, organisation, now)


async def standing(database):
    async with database.reading() as ledger:
        return (await ledger.organisation.get((SAM,))).delegations


async def test_who_is_named_stands_in_and_everybody_concerned_is_told(known):
    await name(known)

    [one] = await standing(known)
    assert (one.by, one.to, one.reason) == (ANA, KIM, "Holiday.")
    [in_channel] = await said(known, to="C0SEARCH")
    assert f"<@{KIM}> stands in for <@{ANA}>" in in_channel.text
    [privately] = await said(known, to=KIM)
    assert "approver" in privately.text
    [change] = await trail(known, f"person:{ANA}")
    assert (change.actor, change.reason) == (ANA, "Holiday.")


async def test_days_are_those_of_whoever_names(known):
    named, zone = await name(known)

    assert zone == "Europe/Lisbon"
    assert named.start.isoformat() == "2026-11-23T00:00:00+00:00"


async def test_sending_it_twice_names_once(known):
    await name(known)
    await name(known)

    assert len(await standing(known)) == 1
    assert len(await said(known, to=KIM)) == 1


async def test_two_at_once_lose_none(known):
    people = [Person(f"U0P{n}", "P", None, False, False, MONDAY) for n in range(5)]
    async with known.ledger() as ledger:
        for one in people:
            await ledger.people.save(one)

    await asyncio.gather(*(name(known, id=f"d-{one.id}", to=one.id) for one in people))

    assert {one.to for one in await standing(known)} == {one.id for one in people}


async def test_who_has_no_say_hands_nothing_over(known):
    with pytest.raises(NotAllowed):
        await name(known, by=KIM, to=ANA)

    assert await standing(known) == ()


async def test_what_is_wrong_is_refused_and_nothing_is_kept(known):
    with pytest.raises(Wrong) as wrong:
        await name(known, to="U0GONE", last=date(2026, 11, 1))

    assert {one.field for one in wrong.value.found} == {"to", "last"}
    assert await standing(known) == ()
    assert await said(known) == []


async def test_the_over_ones_are_pruned(known):
    await name(known, last=TODAY)
    later = MONDAY + timedelta(days=3)

    await name(known, now=later, id="d-2", first=date(2026, 11, 26), last=date(2026, 11, 26))

    assert [one.id for one in await standing(known)] == ["d-2"]


async def end(database, by, delegation="d-1", now=MONDAY):
    async with database.ledger() as ledger:
        organisation = await ledger.organisation.get((SAM,))
        return await end_delegation(delegation, by, ledger, organisation, now)


@pytest.mark.parametrize("by", [ANA, KIM, SAM])
async def test_it_is_ended_at_once_and_the_others_are_told(known, by):
    await name(known)

    await end(known, by)

    assert await standing(known) == ()
    told = {row.channel for row in await said(known) if "no longer" in row.text}
    assert told == {"C0SEARCH", ANA, KIM} - {by}


async def test_others_do_not_end_it_and_it_ends_once(known):
    await name(known)
    with pytest.raises(NotAllowed):
        await end(known, OWEN)

    await end(known, ANA)

    with pytest.raises(Unknown):
        await end(known, KIM)


async def test_a_person_sees_what_concerns_them(known):
    await name(known)
    async with known.reading() as ledger:
        organisation = await ledger.organisation.get((SAM,))
        seen = {
            who: await begin_delegation(who, ledger, organisation, MONDAY)
            for who in (ANA, KIM, SAM, FIN)
        }
        with pytest.raises(NotAllowed):
            await begin_delegation("U0NOBODY", ledger, organisation, MONDAY)

    assert [len(seen[who].running) for who in (ANA, KIM, SAM, FIN)] == [1, 1, 1, 0]
    assert seen[KIM].roles == ()


async def away(database, words="to 1 Dec", by=OWEN, now=MONDAY):
    async with database.ledger() as ledger:
        organisation = await ledger.organisation.get((SAM,))
        return await be_away(words, by, ledger, organisation, now)


async def absences(database):
    async with database.reading() as ledger:
        return (await ledger.organisation.get()).absences


async def test_the_backup_is_told_and_addressed_while_the_owner_is_away(known):
    card = await away(known)

    [one] = await absences(known)
    assert one.person == OWEN
    # Where Slack says no zone the organisation's days count.
    assert one.end.isoformat() == "2026-12-01T23:00:00+00:00"
    assert f"<@{MIA}> is addressed beside you" in card.text
    assert len(await said(known, to=MIA)) == 1
    async with known.reading() as ledger:
        organisation = await ledger.organisation.get()
    assert organisation.is_away(OWEN, MONDAY)
    assert not organisation.is_away(OWEN, MONDAY + timedelta(days=9))


async def test_saying_it_again_replaces_what_was_said(known):
    await away(known)
    await away(known, "to 27 Nov")
    await away(known, "28 Dec to 3 Jan")

    assert [one.end.date() for one in await absences(known)] == [
        date(2026, 11, 27),
        date(2027, 1, 3),
    ]


async def test_back_is_back(known):
    await away(known)
    await name(known)
    async with known.ledger() as ledger:
        organisation = await ledger.organisation.get((SAM,))
        card = await be_back(OWEN, ledger, organisation, MONDAY)
        again = await be_back(OWEN, ledger, organisation, MONDAY)

    assert "You are back" in card.text
    assert "not away" in again.text
    assert await absences(known) == ()
    assert len(await standing(known)) == 1


async def test_an_approver_who_is_away_is_pointed_to_naming_somebody(known):
    assert "/budget delegate" in (await away(known, by=ANA)).text

    await name(known, last=date(2026, 12, 24))

    assert "/budget delegate" not in (await away(known, by=ANA)).text


async def test_a_contract_file_leaves_alone_who_stands_in(known):
    named, _ = await name(known)
    async with known.ledger() as ledger:
        stale = replace(ORGANISATION, finance=(FIN, SAM))
        held = await ledger.organisation.hold()
        await ledger.organisation.save(
            replace(stale, delegations=held.delegations, absences=held.absences)
        )

    [one] = await standing(known)
    assert one == Delegation(**vars(named))


async def test_what_waits_for_somebody_waits_for_whoever_stands_in(known):
    async with known.ledger() as ledger:
        await ledger.reviews.add(a_review())
    await name(known)

    asked = {who: await asked_to_decide(known, who) for who in (OWEN, MIA, ANA, KIM, SAM)}

    assert asked == {OWEN: True, MIA: True, ANA: True, KIM: True, SAM: False}


async def asked_to_decide(database, who):
    async with database.reading() as ledger:
        organisation = await ledger.organisation.get((SAM,))
        seen = await read_glance(ledger, organisation, who, MONDAY)
    return seen.reviews == (("C0SEARCH", ("search-ranking",)),)
