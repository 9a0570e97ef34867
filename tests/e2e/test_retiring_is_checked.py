from datetime import timedelta

import pytest

from handlers.steps.retire_workflow import undo_retire
from storage.database import Database
from tests.builders import ANA, FIN, MIA, MONDAY, OWEN, a_workflow
from tests.e2e.conftest import moved_in
from tests.e2e.people import Workspace, labels, spent

pytestmark = pytest.mark.usefixtures("clock")

SEARCH, OPS = "C0SEARCH", "C0OPS"


async def retired(workspace: Workspace, **entered: str) -> None:
    owen = workspace.user(OWEN)
    await owen.types("/budget retire search-ranking")
    assert (await owen.submits(**entered))["outcome"] != "errors"


async def test_somebody_says_the_keys_are_revoked_and_is_reminded_until_then(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database)
    await retired(workspace)

    asked = await workspace.last_text(SEARCH)
    assert f"<@{OWEN}> revokes its keys by Thu 26 Nov 2026" in asked
    assert "Thu 26 Nov 09:00 CET" in asked
    assert "Fri 27 Nov 09:00 CET" in asked
    assert "budget-bot revokes no keys" in asked
    assert "Please revoke its keys" in await workspace.last_text(OWEN)

    clock.move_to("2026-11-26 08:00")
    assert "nobody has said that they are" in await workspace.last_text(OWEN)
    assert not any("⏰" in text for text in await workspace.texts(ANA))
    clock.move_to("2026-11-27 08:00")
    assert f"<@{OWEN}> is to do it" in await workspace.last_text(ANA)
    await workspace.settle()
    assert len([text for text in await workspace.texts(OWEN) if "⏰" in text]) == 2

    await workspace.user(OWEN).clicks("Keys are revoked", SEARCH)
    said = await workspace.last_text(SEARCH)
    assert f"<@{OWEN}> says its keys are revoked" in said
    assert labels((await workspace.messages(SEARCH))[-1]) == []
    contract = await workspace.user(FIN).types("/budget show search-ranking")
    assert f"revoked, says <@{OWEN}>" in contract


async def test_another_person_and_day_may_be_set(workspace: Workspace, database: Database, clock):
    await moved_in(database)
    await retired(workspace)
    owen = workspace.user(OWEN)

    assert "may say so" in await workspace.user(FIN).clicks("Assign…", SEARCH)
    await owen.clicks("Assign…", SEARCH)
    assert "due_on" in (await owen.submits(person=MIA, due_on="2026-11-22"))["errors"]
    assert "due_on" in (await owen.submits(person=MIA, due_on="2027-11-22"))["errors"]
    await workspace.ask("user", id=FIN, is_restricted=True)
    clock.tick(timedelta(minutes=2))
    assert "person" in (await owen.submits(person=FIN, due_on="2026-11-24"))["errors"]
    assert (await owen.submits(person=MIA, due_on="2026-11-24"))["outcome"] != "errors"

    assert f"<@{MIA}> revokes its keys by Tue 24 Nov 2026" in await workspace.last_text(SEARCH)
    assert "nothing is left for you" in await workspace.last_text(OWEN)
    mine = await workspace.user(MIA).types("/budget status")
    assert "revoke the keys of *Search ranking*" in mine
    await workspace.user(MIA).clicks("Keys are revoked", MIA)
    assert f"<@{MIA}> says its keys are revoked" in await workspace.last_text(SEARCH)


async def test_spend_after_retirement_alarms_every_day_and_opens_the_check_again(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database)
    await retired(workspace)
    await workspace.user(OWEN).clicks("Keys are revoked", SEARCH)

    clock.tick(timedelta(hours=14))
    await workspace.usage(
        spent("search-ranking", "12.50", MONDAY + timedelta(hours=14), model="gpt-5")
    )
    alarm = await workspace.last_text(OWEN)
    assert "🚨" in alarm
    assert "$12.50 was spent since" in alarm
    assert "gpt-5, sent by gateway" in alarm
    assert "said to be revoked" in alarm
    assert "🚨" in await workspace.last_text(ANA)
    assert "🚨" in await workspace.last_text(OPS)
    assert any("Keys are revoked" in labels(one) for one in await workspace.messages(SEARCH))

    await workspace.usage(spent("search-ranking", "1", MONDAY + timedelta(hours=14)))
    assert len([text for text in await workspace.texts(ANA) if "🚨" in text]) == 1
    clock.tick(timedelta(days=1))
    await workspace.settle()
    assert len([text for text in await workspace.texts(ANA) if "🚨" in text]) == 1
    await workspace.usage(spent("search-ranking", "2", MONDAY + timedelta(hours=37)))
    assert "$15.50 was spent" in await workspace.last_text(ANA)


async def test_taken_back_before_its_day_nobody_is_asked(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database)
    await retired(workspace, retire_on="2026-11-25")
    await workspace.user(OWEN).types("/budget show search-ranking")
    async with database.ledger() as ledger:
        organisation = await ledger.organisation.get()
        await undo_retire(
            "search-ranking", by=OWEN, ledger=ledger, organisation=organisation, now=MONDAY
        )

    clock.tick(timedelta(days=5))
    assert not any("revokes its keys" in text for text in await workspace.texts(SEARCH))


async def test_after_its_day_somebody_is_asked(workspace: Workspace, database: Database, clock):
    await moved_in(database, a_workflow(owner=None))
    await workspace.user(ANA).types("/budget retire search-ranking")
    await workspace.user(ANA).submits(retire_on="2026-11-27")

    clock.move_to("2026-11-27 23:00")
    assert f"<@{MIA}> revokes its keys by Wed 2 Dec 2026" in await workspace.last_text(SEARCH)
    assert await workspace.texts(MIA) == []
    clock.move_to("2026-11-28 06:00")
    assert "Please revoke" in await workspace.last_text(MIA)
