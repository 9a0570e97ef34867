import pytest

from storage.database import Database
from tests.builders import MONDAY, a_workflow
from tests.e2e.conftest import moved_in
from tests.e2e.people import Json, Workspace, spent

ASKED = {
    "cap": "weekly",
    "amount": "100",
    "until": "period",
    "reason": "Launch week.",
    "outcome": "p95 latency",
    "target": "2 s",
}

pytestmark = pytest.mark.usefixtures("clock")


def said(view: Json) -> str:
    texts = [block.get("text", {}).get("text", "") for block in view["blocks"]]
    return "\n".join(texts)


async def test_my_workflows_have_bars_and_what_waits_for_me_stands_above(
    workspace: Workspace, database: Database
):
    await moved_in(database, a_workflow())
    await workspace.usage(spent("search-ranking", "100", MONDAY))
    owen, ana = workspace.user("U0OWEN"), workspace.user("U0ANA")
    await owen.types("/budget request search-ranking")
    await owen.submits(**ASKED)

    mine, hers = said(await owen.opens_home()), said(await ana.opens_home())

    assert "▓▓▓▓░░░░░░ 40 % · $100.00 of $250.00" in mine
    assert "nobody has answered yet" in mine
    assert "Waiting for your answer" in hers
    assert "You own no workflow yet" in hers


async def test_more_is_asked_for_from_the_home_and_it_is_looked_at_again(
    workspace: Workspace, database: Database
):
    await moved_in(database, a_workflow())
    owen = workspace.user("U0OWEN")
    assert "Nothing waits for you." in said(await owen.opens_home())

    await owen.clicks_at_home("Ask for more…")
    told = await owen.submits(**ASKED)
    await owen.clicks_at_home("Refresh")

    assert told["outcome"] != "errors"
    assert "nobody has answered yet" in said(await owen.opens_home())


async def test_a_paused_workflow_shows_its_contract_in_the_dm(
    workspace: Workspace, database: Database
):
    await moved_in(database, a_workflow())
    owen = workspace.user("U0OWEN")
    await owen.types("/budget pause search-ranking")
    await owen.opens_home()

    await owen.clicks_at_home("Show contract")

    assert "Search ranking" in await workspace.last_text("U0OWEN")


async def test_the_home_registers_a_workflow_too(workspace: Workspace, database: Database):
    await moved_in(database, a_workflow())
    fin = workspace.user("U0FIN")
    await fin.opens_home()

    await fin.clicks_at_home("Register…")

    assert (await fin.form())["callback_id"].startswith("workflow.")


async def test_a_guest_has_no_home(workspace: Workspace, database: Database):
    await moved_in(database, a_workflow())

    assert await workspace.user("U0GUEST").opens_home() is None
