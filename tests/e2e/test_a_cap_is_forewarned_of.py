from datetime import timedelta
from decimal import Decimal

import pytest

from bot.workflows import Caps
from storage.database import Database
from tests.builders import ANA, MONDAY, OWEN, a_workflow
from tests.e2e.conftest import moved_in
from tests.e2e.people import Json, Workspace, labels, spent

pytestmark = pytest.mark.usefixtures("clock")

KEY = "search-ranking"
THURSDAY = MONDAY + timedelta(days=3)


def a_history(usd: str, days: int = 56) -> list[Json]:
    """As much each day, up to Thursday."""
    return [
        spent(KEY, usd, THURSDAY - timedelta(days=n, hours=1), user="bea@example.com")
        for n in range(days)
    ]


async def ahead(workspace: Workspace, channel: str = "C0SEARCH") -> list[Json]:
    """Forewarnings, in the channel's threads too."""
    found = await workspace.messages(channel)
    for parent in [one for one in found if one.get("reply_count")]:
        found += (await workspace.messages(channel, parent["ts"]))[1:]
    words = ("heading over", "burns its", "far more than usual")
    return [one for one in found if any(word in one["text"] for word in words)]


async def test_past_the_soft_limit_the_owner_looks_at_the_draft_and_sends_it(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database)
    # More than a small raise, which nobody is asked for.
    await workspace.usage(spent(KEY, "260", MONDAY))
    clock.tick(timedelta(hours=1))
    [draft] = [m for m in await workspace.messages(OWEN) if "drafted" in m["text"]]
    assert labels(draft) == ["Look and send…", "Dismiss"]
    owen = workspace.user(OWEN)

    await owen.clicks("Look and send…", OWEN)
    without = await owen.forges(outcome="", target="")
    told = await owen.submits(outcome="p95 under 2 s", target="2 s")
    while told["view"]:
        told = await owen.submits()

    assert without["outcome"] == "errors"
    assert "<@U0OWEN> asks for $35.00 more" in await workspace.last_text("C0SEARCH")
    after = next(m for m in await workspace.messages(OWEN) if m["ts"] == draft["ts"])
    assert "<@U0OWEN> has asked for more on this cap" in after["text"]
    assert labels(after) == []


async def test_a_draft_is_dismissed_by_name_and_asks_nothing(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database)
    await workspace.usage(spent(KEY, "230", MONDAY))
    clock.tick(timedelta(hours=1))
    [draft] = [m for m in await workspace.messages(OWEN) if "drafted" in m["text"]]

    await workspace.user(OWEN).clicks("Dismiss", OWEN)

    after = next(m for m in await workspace.messages(OWEN) if m["ts"] == draft["ts"])
    assert "dismissed by <@U0OWEN>" in after["text"]
    assert labels(after) == []
    assert not any("asks for" in text for text in await workspace.texts("C0SEARCH"))


@pytest.mark.parametrize("action", ["draft.open", "draft.dismiss"])
async def test_a_stranger_can_do_nothing_with_a_draft(
    workspace: Workspace, database: Database, clock, action: str
):
    await moved_in(database)
    await workspace.usage(spent(KEY, "230", MONDAY))
    clock.tick(timedelta(hours=1))
    [draft] = [m for m in await workspace.messages(OWEN) if "drafted" in m["text"]]
    [button] = [
        element
        for block in draft["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
        if element["action_id"] == action
    ]
    press = {"action_id": action, "forge": True}

    await workspace.user(ANA).clicks_on(OWEN, draft["ts"], value=button["value"], **press)
    forged = await workspace.user(OWEN).clicks_on(OWEN, draft["ts"], value="nonsense", **press)

    # She is not in that conversation, so the word comes by a message of her own.
    assert "owner or the backup" in await workspace.last_text(ANA)
    assert "no such draft" in forged
    after = next(m for m in await workspace.messages(OWEN) if m["ts"] == draft["ts"])
    assert labels(after) == ["Look and send…", "Dismiss"]


async def test_a_forecast_above_the_cap_is_said_once_two_looks_agree(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database)
    clock.tick(timedelta(days=3))
    await workspace.usage(*a_history("45"))
    assert await ahead(workspace) == []

    clock.tick(timedelta(hours=6))
    [message] = await ahead(workspace)
    assert "heading over its weekly cap" in message["text"]
    assert "bea@example.com" not in str(message)
    assert {"Ask for more…", "Pause…", "Explain…"} <= {*labels(message)}
    for _ in range(4):
        clock.tick(timedelta(hours=1))
        assert len(await ahead(workspace)) == 1

    owen = workspace.user(OWEN)
    await owen.clicks("Ask for more…", "C0SEARCH")
    assert KEY in str(await owen.form())


async def test_a_forecast_that_falls_again_is_not_said(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database, a_workflow(caps=Caps(weekly=Decimal(250))))
    clock.tick(timedelta(days=3))
    await workspace.usage(*a_history("33"))
    today = spent(KEY, "40", THURSDAY, id="today")
    await workspace.usage(today)
    await workspace.settle()

    for hour in range(8):
        # Corrected away and back every third hour: no two looks six hours apart agree.
        await workspace.usage({**today, "cost": "40" if hour % 3 else "1"})
        await workspace.settle()
        clock.tick(timedelta(hours=1))

    assert [one for one in await ahead(workspace) if "heading over" in one["text"]] == []


async def test_a_spike_is_said_once_and_names_nobody_in_the_channel(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database)
    clock.tick(timedelta(days=3))
    just_now = THURSDAY - timedelta(minutes=1)
    await workspace.usage(*a_history("8"))
    await workspace.usage(
        *(spent(KEY, "20", just_now, user="bea@example.com") for _ in range(4)),
        spent(KEY, "3", just_now, user="kim@example.com"),
    )

    [message] = await ahead(workspace)
    assert "far more than usual" in message["text"]
    assert "By one person" in message["text"]
    assert "bea@example.com" not in str(message)
    [word] = await ahead(workspace, OWEN)
    assert "bea@example.com" in word["text"]
    for _ in range(3):
        clock.tick(timedelta(hours=1))
        assert len(await ahead(workspace)) == 1
