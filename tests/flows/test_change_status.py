import asyncio
from dataclasses import replace

import pytest

from bot.refusal import NotAllowed, Refusal, Unknown
from bot.workflows import Enforcement, NotThatWay, Status
from storage.workflows import ChangedMeanwhile
from tests.builders import ANA, FIN, MIA, MONDAY, OWEN, SAM, a_workflow
from tests.outbox import said
from tests.registry import presses, settled, stored, trail, types
from tests.spending import spend

pytestmark = pytest.mark.usefixtures("clock")
PROPOSED = a_workflow(status=Status.PROPOSED, activated_at=None, status_since=None)


@pytest.mark.parametrize("by", [OWEN, ANA, SAM], ids=["owner", "approver", "admin"])
async def test_activating_is_the_agreement_with_name_and_time(database, by):
    desk = await settled(database, PROPOSED)

    await types(desk, by, "activate search-ranking")

    workflow = await stored(database)
    assert (workflow.status, workflow.agreed_by) == (Status.ACTIVE, by)
    assert workflow.agreed_at == workflow.activated_at == MONDAY
    assert [change.what for change in await trail(database)] == ["activated"]


async def test_activation_says_what_is_spent_already(database):
    desk = await settled(database, PROPOSED)
    await spend(database, PROPOSED, 155, MONDAY)

    done = await types(desk, OWEN, "activate search-ranking")

    (told,) = await said(database, to="C0SEARCH")
    assert "Already 62 % of the weekly cap is spent" in told.text
    assert "is *active*" in done.text


@pytest.mark.parametrize("by", [MIA, FIN], ids=["backup", "somebody"])
async def test_nobody_else_agrees_to_a_contract(database, by):
    desk = await settled(database, PROPOSED)

    with pytest.raises(NotAllowed, match="may activate"):
        await types(desk, by, "activate search-ranking")


async def test_resuming_is_no_way_round_the_agreement(database):
    desk = await settled(database, PROPOSED)

    with pytest.raises(NotThatWay, match="/budget activate search-ranking"):
        await types(desk, MIA, "resume search-ranking")


async def test_what_misses_something_is_not_activated_and_says_so(database):
    desk = await settled(database, a_workflow(status=Status.PROPOSED, review_date=None))

    with pytest.raises(NotThatWay, match="still needs its review date"):
        await types(desk, OWEN, "activate search-ranking")


@pytest.mark.parametrize("by", [OWEN, MIA, ANA, SAM])
async def test_a_pause_says_what_is_not_enforced_and_can_be_taken_back(database, by):
    desk = await settled(database, a_workflow())

    await types(desk, by, "pause search-ranking the agent loops")
    paused = await stored(database)
    await types(desk, by, "resume search-ranking")

    told, again = await said(database, to="C0SEARCH")
    assert paused.status is Status.PAUSED
    assert "“the agent loops”" in told.text
    assert "does not cut access" in told.text
    assert "*resumed*" in again.text
    assert (await stored(database)).status is Status.ACTIVE
    assert [change.what for change in await trail(database)] == ["resumed", "paused"]


async def test_a_stranger_pauses_nothing(database):
    desk = await settled(database, a_workflow())

    with pytest.raises(NotAllowed):
        await presses(desk, FIN, "workflow.pause", "search-ranking")
    assert (await stored(database)).status is Status.ACTIVE
    assert await said(database) == []


async def test_pausing_twice_says_it_is_paused(database):
    desk = await settled(database, a_workflow())
    await types(desk, OWEN, "pause search-ranking")

    with pytest.raises(NotThatWay, match="is paused"):
        await presses(desk, MIA, "workflow.pause", "search-ranking")


async def test_two_who_pause_at_once_get_one_pause(database):
    desk = await settled(database, a_workflow())

    answers = await asyncio.gather(
        types(desk, OWEN, "pause search-ranking"),
        types(desk, MIA, "pause search-ranking"),
        return_exceptions=True,
    )

    refused = [one for one in answers if isinstance(one, NotThatWay | ChangedMeanwhile)]
    assert len(refused) == 1
    assert len(await trail(database)) == 1


async def test_without_a_key_the_only_workflow_of_the_person_is_meant(database):
    desk = await settled(database, a_workflow())

    await types(desk, OWEN, "pause")

    assert (await stored(database)).status is Status.PAUSED


async def test_without_a_key_several_are_asked_for(database):
    desk = await settled(database, a_workflow(), a_workflow(key="support-bot"))

    with pytest.raises(Refusal, match="`search-ranking`, `support-bot`"):
        await types(desk, OWEN, "pause")


async def test_a_typo_is_answered_with_the_nearest_key(database):
    desk = await settled(database, a_workflow())

    with pytest.raises(Unknown, match=r"“serch-rankin”\. Did you mean `search-ranking`"):
        await types(desk, OWEN, "pause serch-rankin")


async def test_resuming_what_runs_has_nothing_to_do(database):
    desk = await settled(database, a_workflow())

    with pytest.raises(NotThatWay, match="`search-ranking` is active already: nothing to do"):
        await types(desk, OWEN, "resume search-ranking")


@pytest.mark.parametrize("mode", [Enforcement.BLOCK, Enforcement.DOWNGRADE])
async def test_activation_says_that_the_hard_limit_only_alerts(database, mode):
    desk = await settled(database, replace(PROPOSED, enforcement=mode))

    done = await types(desk, OWEN, "activate search-ranking")

    (told,) = await said(database, to="C0SEARCH")
    for text in (told.text, done.text):
        assert f"The contract says {mode}; in this release it only alerts." in text
