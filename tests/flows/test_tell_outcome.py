import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.notices import Card
from bot.outcomes import Happened, Said
from bot.refusal import NotAllowed, TooLate, Unknown
from bot.requests import Path, State
from handlers.flows.tell_outcome import begin_outcome, remind_outcomes, tell_outcome
from handlers.steps.end_overrides import end_overrides
from tests.builders import (
    ANA,
    MIA,
    MONDAY,
    OWEN,
    a_request,
    a_team,
    a_workflow,
    an_organisation,
    an_override,
)
from tests.outbox import said
from tests.registry import trail

ORGANISATION = an_organisation()
OVER = an_override().end
YES = Said("r-1", MIA, Happened.YES, "p95 is 1.8 s.", "https://example.com/p95")


async def granted(database, **named):
    async with database.ledger() as ledger:
        await ledger.organisation.save(ORGANISATION)
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow())
        plain = a_request(asked_by=MIA, state=State.APPROVED)
        await ledger.requests.add(replace(plain, **named))
        await ledger.overrides.add(an_override())
        await ledger.notices.post("request:r-1", "C0SEARCH", Card("asked"), MONDAY)
    return database


@pytest.fixture
async def ended(database):
    """An override of Mia's has ended."""
    await granted(database)
    await end(database)
    return database


async def end(database, now=OVER):
    async with database.ledger() as ledger:
        await end_overrides(ledger, ORGANISATION, [an_override()], now)


async def tell(database, now=OVER, **named):
    async with database.ledger() as ledger:
        return await tell_outcome(replace(YES, **named), ledger, now)


async def remind(database, now):
    async with database.ledger() as ledger:
        await remind_outcomes(ledger, ORGANISATION, now)


async def outcomes(database):
    async with database.reading() as ledger:
        return await ledger.outcomes.of("search-ranking")


async def test_the_requester_is_asked_in_the_thread_and_by_dm(ended):
    [thread] = [row for row in await said(ended, to="C0SEARCH") if row.target == "request:r-1"]
    assert f"<@{MIA}>, did it happen?" in thread.text
    async with ended.reading() as ledger:
        held = await ledger.held_words.knows("outcome:r-1:asked")
    assert held or [row for row in await said(ended, to=MIA) if "did it happen" in row.text]
    [one] = await outcomes(ended)
    assert (one.asked_of, one.answer, one.promised) == (MIA, None, "p95 latency")


async def test_ending_it_twice_asks_once(ended):
    await end(ended)
    await asyncio.gather(end(ended), end(ended))

    assert len(await outcomes(ended)) == 1


async def test_what_was_taken_in_an_incident_is_not_asked_about(database):
    await granted(database, path=Path.BREAK_GLASS)
    await end(database)

    assert await outcomes(database) == ()


async def test_the_answer_stands_with_its_evidence(ended):
    await tell(ended)

    [one] = await outcomes(ended)
    assert (one.answer, one.evidence, one.link) == (Happened.YES, YES.evidence, YES.link)
    [edit] = await said(ended, act="update", to="C0SEARCH")
    assert "it happened" in edit.text
    assert "Correct…" in str(edit.blocks)
    assert (await trail(ended))[0].reason == YES.evidence


async def test_of_two_at_once_the_first_counts(ended):
    told = await asyncio.gather(
        tell(ended), tell(ended, by=OWEN, answer=Happened.NO), return_exceptions=True
    )

    assert sum(isinstance(one, TooLate) for one in told) == 1
    assert len({one.by for one in await outcomes(ended)}) == 1


async def test_it_is_corrected_by_the_same_person(ended):
    await tell(ended)

    await tell(ended, now=OVER + timedelta(hours=2), answer=Happened.PARTLY)

    [one] = await outcomes(ended)
    assert (one.answer, one.version) == (Happened.PARTLY, 3)
    assert "corrected" in (await trail(ended))[0].what


async def test_others_say_nothing(ended):
    with pytest.raises(NotAllowed, match=MIA):
        await tell(ended, by=ANA)
    async with ended.reading() as ledger:
        with pytest.raises(Unknown):
            await begin_outcome("r-nonsense", MIA, ledger, OVER)


async def test_unanswered_it_is_asked_once_more(ended):
    due = OVER + timedelta(days=3, hours=12)
    await remind(ended, due - timedelta(days=1))

    await asyncio.gather(*(remind(ended, due) for _ in range(3)))
    await remind(ended, due + timedelta(days=9))

    assert len([row for row in await said(ended, to=MIA) if "Still open" in row.text]) == 1


async def test_once_answered_nobody_is_reminded(ended):
    await tell(ended)

    await remind(ended, OVER + timedelta(days=4))

    assert not [row for row in await said(ended, to=MIA) if "Still open" in row.text]
