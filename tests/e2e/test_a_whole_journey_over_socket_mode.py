import pytest

from storage.database import Database
from tests.builders import ANA, MIA, MONDAY, OWEN
from tests.e2e.conftest import moved_in
from tests.e2e.people import Workspace, labels, spent

pytestmark = pytest.mark.usefixtures("clock")


async def test_alerted_asked_and_approved_without_a_public_address(
    workspace_by_socket: Workspace, database: Database
):
    workspace = workspace_by_socket
    await moved_in(database)
    await workspace.usage(spent("search-ranking", "200", MONDAY))
    assert "80 %" in await workspace.last_text(OWEN)

    mia = workspace.user(MIA)
    await mia.clicks("Ask for more…", "C0SEARCH")
    await mia.submits(cap="weekly", amount="50", reason="launch", outcome="p95", target="2 s")
    await workspace.user(ANA).clicks("Approve", "C0SEARCH")

    card = (await workspace.messages("C0SEARCH"))[-1]
    assert "to $300.00" in card["text"]
    assert labels(card) == []


async def test_without_a_signing_secret_there_is_no_door_for_forgers(
    workspace_by_socket: Workspace,
):
    answer = await workspace_by_socket.bot.post("/slack/events", content="command=%2Fbudget")

    assert answer.status_code == 404
