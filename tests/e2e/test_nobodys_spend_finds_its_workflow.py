from typing import Any

import pytest

from storage.database import Database
from tests.builders import MONDAY, OWEN, SAM, a_workflow
from tests.e2e.conftest import ALERTS_ONLY, moved_in
from tests.e2e.people import Workspace, spent

pytestmark = pytest.mark.usefixtures("clock")

CHAT = a_workflow(key="support-chat", name="Support chat")


async def whose(workspace: Workspace, user: str = SAM) -> dict[str, Any]:
    asked = {"user": user, "channel": "C0SEARCH", "text": "/budget whose"}
    [shown] = (await workspace.ask("command", **asked))["ephemerals"]
    return dict(shown)


async def test_a_rule_is_tried_saved_alerts_and_is_taken_back(
    workspace: Workspace, database: Database
):
    await moved_in(database, a_workflow(), CHAT, policy=ALERTS_ONLY)
    await workspace.usage(
        spent("", "150", MONDAY, key="sk-1", key_name="support-chat-prod"),
        spent("", "80", MONDAY, key="sk-1", key_name="support-chat-prod"),
    )
    sam = workspace.user(SAM)
    shown = await whose(workspace)
    assert "$230.00, 2 records" in shown["text"]
    assert "Make a rule…" not in str(await whose(workspace, OWEN))

    await sam.clicks_on("C0SEARCH", shown["ts"], label="Make a rule…")
    told = await sam.forges(pattern=" ")
    assert told["outcome"] == "errors"
    assert "pattern" in told["errors"]
    await sam.submits(pattern="sk-*")
    preview = str(await sam.form())
    assert "$230.00, 2 records" in preview
    assert "from 0 % to 92 % of $250.00" in preview
    told = await sam.submits()

    [confirmed] = told["ephemerals"]
    assert "$230.00, 2 records move now" in confirmed["text"]
    assert "$230.00 of $250.00" in await workspace.last_text("C0SEARCH")
    assert "Done: moved $230.00, 2 records." in await workspace.last_text(SAM)
    assert "belongs to a workflow" in await sam.types("/budget whose")
    assert "key “sk-∗” → `support-chat`" in await sam.types("/budget rules")

    await sam.clicks("Undo", SAM)
    assert "No rule is made yet" in await sam.types("/budget rules")
    await workspace.settle()
    assert "$230.00, 2 records" in await sam.types("/budget whose")
    assert "/budget whose" in await workspace.user(OWEN).types("/budget gaps")


async def test_wrong_words_are_answered_with_what_there_is(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    owen = workspace.user(OWEN)

    assert "nothing spend is known by" in await owen.types("/budget whose colour")
    assert "Nothing was recorded since" in await owen.types("/budget whose")
    assert "No gaps" in await owen.types("/budget gaps")
