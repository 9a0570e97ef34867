from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.delegations import Absence
from bot.policy import Policy
from storage.database import Database
from tests.builders import ANA, MIA, MONDAY, OWEN, a_workflow, an_organisation
from tests.e2e.conftest import moved_in
from tests.e2e.people import Workspace

pytestmark = pytest.mark.usefixtures("clock")

SEARCH = "C0SEARCH"


async def away(database: Database, *people: str) -> None:
    until = datetime(2026, 11, 29, 23, tzinfo=UTC)
    absences = tuple(Absence(one, MONDAY - timedelta(days=3), until) for one in people)
    organisation = an_organisation(policy=Policy(timezone="Europe/Berlin"))
    async with database.ledger() as ledger:
        await ledger.organisation.save(replace(organisation, absences=absences))


@pytest.mark.parametrize(
    ("backup", "spoken_to"), [(MIA, MIA), (None, ANA)], ids=["backup", "no backup: the approver"]
)
async def test_the_review_and_its_reminder_speak_to_whoever_stands_in(
    workspace: Workspace, database: Database, clock, backup: str | None, spoken_to: str
):
    await moved_in(database, a_workflow(backup=backup))
    await away(database, OWEN)

    [parent] = await workspace.messages(SEARCH)
    [_, reply] = await workspace.texts(SEARCH, parent["ts"])
    assert f"<@{spoken_to}> for <@{OWEN}>, who is away until Mon 30 Nov" in reply

    clock.tick(timedelta(hours=25))
    reminder = await workspace.last_text(spoken_to)
    assert "waits for your answer on `search-ranking`" in reminder
    assert f"in place of <@{OWEN}>, who is away until Mon 30 Nov" in reminder

    await workspace.user(spoken_to).clicks("Keep", SEARCH)
    [_, reply, *_] = await workspace.texts(SEARCH, parent["ts"])
    assert f"Kept by <@{spoken_to}> for <@{OWEN}>" in reply


async def test_who_is_back_is_spoken_to_alone(workspace: Workspace, database: Database, clock):
    clock.move_to("2026-11-29 23:30")
    await moved_in(database)
    await away(database, OWEN)

    clock.move_to("2026-11-30 08:00")
    [parent] = await workspace.messages(SEARCH)
    [_, reply] = await workspace.texts(SEARCH, parent["ts"])
    assert f"· <@{OWEN}>" in reply
    assert "away" not in reply
