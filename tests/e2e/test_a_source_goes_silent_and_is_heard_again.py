from datetime import timedelta

import pytest

from storage.database import Database
from tests.builders import MONDAY, OWEN, SAM
from tests.e2e.conftest import moved_in
from tests.e2e.people import Workspace, spent

pytestmark = pytest.mark.usefixtures("clock")

KEY, ADMINS = "search-ranking", "C0OPS"


async def test_admins_hear_of_it_once_and_when_it_is_over(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database)
    for hours in range(4):
        clock.move_to(MONDAY + timedelta(hours=hours))
        await workspace.usage(spent(KEY, "10", MONDAY + timedelta(hours=hours)))
    seen = await workspace.user(OWEN).types("/budget why search-ranking")
    listed = await workspace.user(SAM).types("/budget sources")

    # After the bot was away it gives everybody an hour.
    clock.move_to(MONDAY + timedelta(hours=3 + 73))
    for _ in range(6):
        await workspace.settle()
        clock.tick(timedelta(minutes=15))
    alarms = [text for text in await workspace.texts(ADMINS) if "silent since" in text]
    marked = await workspace.user(OWEN).types("/budget why search-ranking")
    await workspace.usage(spent(KEY, "10", MONDAY + timedelta(hours=77)))
    clock.tick(timedelta(minutes=5))
    after = [text for text in await workspace.texts(ADMINS) if "heard again" in text]

    assert "(gateway)" in seen
    assert "*gateway* · sent by HTTP · realtime estimate" in listed
    assert len(alarms) == 1
    assert "*gateway* is silent since" in alarms[0]
    assert "(`search-ranking`)" in alarms[0]
    assert "⚠ silent" in marked
    assert len(after) == 1
    assert not [text for text in await workspace.texts(ADMINS) if "silent since" in text]
