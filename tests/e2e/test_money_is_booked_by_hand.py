import pytest

from storage.database import Database
from tests.builders import FIN, OWEN
from tests.e2e.conftest import moved_in
from tests.e2e.people import Workspace

pytestmark = pytest.mark.usefixtures("clock")


async def test_a_seat_is_booked_raises_an_alert_and_is_taken_back(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    fin = workspace.user(FIN)
    assert "Only finance and admins" in await workspace.user(OWEN).types("/budget adjust")

    await fin.types("/budget adjust search-ranking 230")
    told = await fin.submits(reason="Seats of November.")

    [confirmed] = told["ephemerals"]
    assert "Booked *$230.00* for *Search ranking*" in confirmed["text"]
    assert "$230.00 of $250.00" in await workspace.last_text("C0SEARCH")
    assert "Seats of November." in await workspace.user(OWEN).types(
        "/budget history search-ranking"
    )

    word = await fin.clicks_on("C0SEARCH", confirmed["ts"], label="Undo")
    assert "booked back on the same day" in word
    assert "$0.00 of $250.00" in await workspace.last_text("C0SEARCH")
    assert f"undone by <@{FIN}>" in await fin.types("/budget adjust list")
    assert "has undone it already" in await fin.clicks_on("C0SEARCH", confirmed["ts"], label="Undo")
