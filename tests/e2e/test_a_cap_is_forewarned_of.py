import pytest

from storage.database import Database
from tests.builders import ANA, MONDAY, OWEN
from tests.e2e.conftest import moved_in
from tests.e2e.people import Workspace, labels, spent

pytestmark = pytest.mark.usefixtures("clock")

KEY = "search-ranking"


async def test_past_the_soft_limit_the_owner_looks_at_the_draft_and_sends_it(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    await workspace.usage(spent(KEY, "230", MONDAY))
    [draft] = [m for m in await workspace.messages(OWEN) if "drafted" in m["text"]]
    assert labels(draft) == ["Look and send…", "Dismiss"]
    owen = workspace.user(OWEN)

    await owen.clicks("Look and send…", OWEN)
    without = await owen.forges(outcome="", target="")
    told = await owen.submits(outcome="p95 under 2 s", target="2 s")
    while told["view"]:
        told = await owen.submits()

    assert without["outcome"] == "errors"
    assert "<@U0OWEN> asks for $25.00 more" in await workspace.last_text("C0SEARCH")
    after = next(m for m in await workspace.messages(OWEN) if m["ts"] == draft["ts"])
    assert "<@U0OWEN> has asked for more on this cap" in after["text"]
    assert labels(after) == []


async def test_a_draft_is_dismissed_by_name_and_asks_nothing(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    await workspace.usage(spent(KEY, "230", MONDAY))
    [draft] = [m for m in await workspace.messages(OWEN) if "drafted" in m["text"]]

    await workspace.user(OWEN).clicks("Dismiss", OWEN)

    after = next(m for m in await workspace.messages(OWEN) if m["ts"] == draft["ts"])
    assert "dismissed by <@U0OWEN>" in after["text"]
    assert labels(after) == []
    assert not any("asks for" in text for text in await workspace.texts("C0SEARCH"))


@pytest.mark.parametrize("action", ["draft.open", "draft.dismiss"])
async def test_a_stranger_can_do_nothing_with_a_draft(
    workspace: Workspace, database: Database, action: str
):
    await moved_in(database)
    await workspace.usage(spent(KEY, "230", MONDAY))
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
