from datetime import UTC, datetime, timedelta

import pytest

from storage.database import Database
from tests.builders import MONDAY, OWEN
from tests.e2e.conftest import ALERTS_ONLY, moved_in
from tests.e2e.people import Workspace, labels, spent

BEFORE = datetime(2026, 11, 4, 9, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("clock")


async def test_a_crossed_threshold_is_heard_once_in_the_channel_and_in_the_owners_dm(
    workspace: Workspace, database: Database
):
    await moved_in(database, policy=ALERTS_ONLY)

    await workspace.usage(spent("search-ranking", "200", MONDAY, id="call-1"))
    await workspace.usage(spent("search-ranking", "200", MONDAY, id="call-1"))

    [alert] = await workspace.messages("C0SEARCH")
    [word] = await workspace.messages(OWEN)
    assert "80 %" in alert["text"]
    assert "$50.00 left" in alert["text"]
    assert "<@U0OWEN>" in alert["text"]
    assert labels(alert) == labels(word)
    assert labels(alert) == ["Ask for more…", "Drop a tier", "Pause…", "Explain…", "Snooze…"]
    assert "80 %" in word["text"]


async def test_a_jump_over_several_thresholds_is_one_message(
    workspace: Workspace, database: Database
):
    await moved_in(database, policy=ALERTS_ONLY)
    await workspace.usage(spent("search-ranking", "100", MONDAY))

    await workspace.usage(spent("search-ranking", "200", MONDAY))

    [alert] = await workspace.texts("C0SEARCH")
    assert "over its weekly cap" in alert


async def test_a_later_threshold_stands_in_the_thread_and_the_first_message_is_kept_current(
    workspace: Workspace, database: Database
):
    await moved_in(database, policy=ALERTS_ONLY)
    await workspace.usage(spent("search-ranking", "190", MONDAY))
    [first] = await workspace.messages("C0SEARCH")

    await workspace.usage(spent("search-ranking", "40", MONDAY))

    [parent] = await workspace.messages("C0SEARCH")
    thread = await workspace.texts("C0SEARCH", first["ts"])
    assert "92 %" in parent["text"]
    assert len(thread) == 2
    assert "92 %" in thread[1]


async def test_a_new_week_arms_the_thresholds_again(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database, policy=ALERTS_ONLY)
    await workspace.usage(spent("search-ranking", "200", MONDAY))
    assert len(await workspace.messages("C0SEARCH")) == 1

    clock.tick(timedelta(days=7))
    await workspace.usage(spent("search-ranking", "200", MONDAY + timedelta(days=7)))

    first, *later = await workspace.texts("C0SEARCH")
    assert "this alert is over" in first
    assert len([text for text in later if "has used 80 %" in text]) == 1


async def test_slack_failing_for_a_while_neither_loses_nor_doubles_an_alert(
    workspace: Workspace, database: Database, clock
):
    # Before the playground's own time, in which what is in doubt is looked up.
    clock.move_to(BEFORE)
    await moved_in(database, policy=ALERTS_ONLY)
    for kind in ("429", "500", "accept_then_500", "accept_then_drop"):
        await workspace.faults(method="chat.postMessage", kind=kind, times=1)

    await workspace.usage(spent("search-ranking", "200", BEFORE))
    for _ in range(8):
        await workspace.settle()
        clock.tick(timedelta(seconds=70))

    assert len(await workspace.messages("C0SEARCH")) == 1
    assert len(await workspace.messages(OWEN)) == 1
