"""From the alert itself: seen, explained, snoozed, a tier dropped, paused, more asked for."""

import asyncio
from datetime import timedelta

import pytest

from bot.workflows import Tier
from storage.database import Database
from tests.builders import ANA, FIN, MIA, MONDAY, OWEN, a_workflow
from tests.e2e.conftest import ALERTS_ONLY, moved_in
from tests.e2e.people import Workspace, labels, spent
from tests.registry import stored

SEARCH, HOUR = "C0SEARCH", timedelta(hours=1)

pytestmark = pytest.mark.usefixtures("clock")


async def alerted(workspace, usd="230", at=MONDAY):
    await workspace.usage(spent("search-ranking", usd, at))
    return (await workspace.messages(SEARCH))[0]


async def test_it_is_seen_once_and_nobody_else_is_asked(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database, policy=ALERTS_ONLY)
    alert = await alerted(workspace)
    assert labels(alert)[-1] == "I've seen it"

    told = await workspace.user(OWEN).clicks("I've seen it", OWEN)
    assert "Nobody else is asked" in told
    late = await workspace.user(MIA).clicks_on(SEARCH, alert["ts"], action_id="alert.seen")

    assert "<@U0OWEN> has seen it already" in late
    [shown] = await workspace.messages(SEARCH)
    assert "<@U0OWEN> has seen it" in shown["text"]
    assert "I've seen it" not in labels(shown)
    clock.tick(30 * HOUR)
    assert await workspace.messages(MIA) == []


async def test_unanswered_it_goes_from_one_to_the_next(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database, policy=ALERTS_ONLY)
    alert = await alerted(workspace)

    clock.tick(4 * HOUR)
    assert "No one has acted" in await workspace.last_text(MIA)
    assert "<@U0MIA> (backup) is asked" in await workspace.last_text(SEARCH, alert["ts"])
    clock.tick(4 * HOUR)
    assert "<@U0ANA> (approver) is asked" in await workspace.last_text(SEARCH, alert["ts"])
    clock.tick(16 * HOUR)
    assert "you are its finance" in await workspace.last_text(FIN)

    await workspace.user(FIN).clicks("I've seen it", FIN)

    assert "<@U0FIN> has seen it" in (await workspace.texts(SEARCH))[0]
    assert len(await workspace.messages(SEARCH, alert["ts"])) == 4


async def test_it_is_explained_in_its_thread(workspace: Workspace, database: Database):
    await moved_in(database, policy=ALERTS_ONLY)
    alert = await alerted(workspace)
    owen = workspace.user(OWEN)

    await owen.clicks("Explain…", SEARCH)
    wrong = await owen.forges(text="  ")
    assert "Write what happened" in wrong["errors"]["text"]
    await owen.submits(text="We re-embedded the catalogue, <!channel>.")

    thread = await workspace.texts(SEARCH, alert["ts"])
    assert "<@U0OWEN> explained: “We re-embedded the catalogue" in thread[-1]
    assert "<!channel>" not in thread[-1]
    assert "<@U0OWEN> explained it" in (await workspace.texts(SEARCH))[0]


async def test_it_is_snoozed_and_something_worse_breaks_through(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database, policy=ALERTS_ONLY)
    alert = await alerted(workspace)
    owen, mia = workspace.user(OWEN), workspace.user(MIA)

    await owen.clicks("Snooze…", SEARCH)
    await owen.submits(days="3")
    assert "until <!date" in await workspace.last_text(SEARCH, alert["ts"])
    late = await mia.clicks_on(OWEN, (await workspace.messages(OWEN))[0]["ts"], label="Explain…")
    assert late == ""
    clock.tick(24 * HOUR)
    await workspace.usage(spent("search-ranking", "25", MONDAY + 24 * HOUR))

    [shown] = await workspace.messages(SEARCH)
    assert "End snooze" in labels(shown)
    assert "is over its weekly cap" in await workspace.last_text(SEARCH, alert["ts"])


async def test_a_snooze_ends_by_itself_or_by_hand(workspace: Workspace, database: Database, clock):
    await moved_in(database, policy=ALERTS_ONLY)
    alert = await alerted(workspace)
    owen, mia = workspace.user(OWEN), workspace.user(MIA)
    await owen.clicks("Snooze…", SEARCH)
    await mia.clicks("Snooze…", SEARCH)
    await owen.submits(days="1")

    told = await mia.submits(days="7")
    assert "<@U0OWEN> has snoozed it already" in str(told)
    clock.tick(24 * HOUR)
    assert "Over: the snooze" in await workspace.last_text(SEARCH, alert["ts"])

    await mia.clicks("Snooze…", SEARCH)
    await mia.submits(days="7")
    await owen.clicks("End snooze", SEARCH)
    assert "<@U0OWEN> ended the snooze" in await workspace.last_text(SEARCH, alert["ts"])
    assert "Snooze…" in labels((await workspace.messages(SEARCH))[0])


async def test_a_tier_is_dropped_once_by_two_at_once_and_undone(
    workspace: Workspace, database: Database
):
    await moved_in(database, a_workflow(tier=Tier.PREMIUM), policy=ALERTS_ONLY)
    alert = await alerted(workspace)
    press = {"channel": SEARCH, "ts": alert["ts"], "label": "Drop a tier"}

    told = await asyncio.gather(
        *(workspace.user(one).clicks_on(**press) for one in (OWEN, MIA, ANA))
    )

    assert (await stored(database)).tier is Tier.STANDARD
    assert sorted(map(bool, told)) == [False, True, True]
    assert "was premium" in await workspace.last_text(SEARCH, alert["ts"])
    await workspace.user(MIA).clicks("Undo", SEARCH)
    assert (await stored(database)).tier is Tier.PREMIUM
    assert "<@U0MIA> undid it" in await workspace.last_text(SEARCH, alert["ts"])


async def test_a_tier_dropped_in_a_dm_is_undone_from_the_answer(
    workspace: Workspace, database: Database
):
    await moved_in(database, a_workflow(tier=Tier.PREMIUM), policy=ALERTS_ONLY)
    await alerted(workspace)

    [word] = await workspace.messages(OWEN)
    press = {"user": OWEN, "channel": OWEN}

    told = await workspace.ask("click", **press, ts=word["ts"], label="Drop a tier")

    [answer] = told["ephemerals"]
    assert "runs on the standard tier from now on" in answer["text"]
    assert (await stored(database)).tier is Tier.STANDARD
    again = await workspace.ask("click", **press, ts=answer["ts"], label="Undo")
    assert "runs on the premium tier again" in str(again)
    assert (await stored(database)).tier is Tier.PREMIUM


async def test_it_is_paused_after_a_second_thought(workspace: Workspace, database: Database):
    await moved_in(database, policy=ALERTS_ONLY)
    alert = await alerted(workspace)
    [pause] = [
        one
        for block in alert["blocks"]
        for one in block.get("elements", [])
        if one.get("action_id") == "workflow.pause"
    ]
    assert "This release stops no calls" in pause["confirm"]["text"]["text"]

    await workspace.user(OWEN).clicks("Pause…", SEARCH)

    first, paused = await workspace.texts(SEARCH)
    assert "was *paused* by <@U0OWEN>" in paused
    assert "<@U0OWEN> paused" in first
    late = await workspace.user(OWEN).clicks("Snooze…", SEARCH)
    assert "is paused" in late


async def test_more_is_asked_for_and_nobody_else_is(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database, policy=ALERTS_ONLY)
    await alerted(workspace)
    owen = workspace.user(OWEN)

    await owen.clicks("Ask for more…", OWEN)
    await owen.submits(
        amount="100", reason="Launch week.", outcome="p95 latency", target="under 2 s"
    )

    [first, *_] = await workspace.texts(SEARCH)
    assert "<@U0OWEN> asked for" in first
    clock.tick(4 * HOUR)
    assert await workspace.messages(MIA) == []


@pytest.mark.parametrize("label", ["Drop a tier", "Pause…", "Explain…", "Snooze…", "I've seen it"])
async def test_nobody_else_may(workspace: Workspace, database: Database, label):
    await moved_in(database, policy=ALERTS_ONLY)
    await alerted(workspace)

    told = await workspace.user(FIN).clicks(label, SEARCH)

    assert "<@U0OWEN>" in told
    assert (await stored(database)).tier is Tier.STANDARD
    assert len(await workspace.messages(SEARCH)) == 1
