from datetime import date, timedelta
from decimal import Decimal

import pytest

from bot.policy import Policy
from bot.workflows import Tier
from storage.database import Database
from tests.builders import ANA, MIA, OWEN, SAM, a_workflow
from tests.e2e.conftest import moved_in
from tests.e2e.people import Json, Workspace, labels

pytestmark = pytest.mark.usefixtures("clock")

SEARCH = "C0SEARCH"
RANKING, DOCS = "search-ranking", "search-docs"


async def opened(workspace: Workspace, database: Database) -> str:
    """The thread's ts: one workflow of Owen's, one of Mia's."""
    docs = a_workflow(key=DOCS, name="Search docs", owner=MIA, backup=None)
    await moved_in(database, a_workflow(), docs, policy=Policy(timezone="Europe/Berlin"))
    [parent] = await workspace.messages(SEARCH)
    ts: str = parent["ts"]
    return ts


async def reply_of(workspace: Workspace, thread: str, name: str) -> Json:
    replies = (await workspace.messages(SEARCH, thread))[1:]
    return next(one for one in replies if one["text"].startswith(f"*{name}*"))


async def presses(workspace: Workspace, who: str, thread: str, name: str, label: str) -> str:
    message = await reply_of(workspace, thread, name)
    return await workspace.user(who).clicks_on(SEARCH, message["ts"], label=label)


async def stored(database: Database, key: str = RANKING):
    async with database.reading() as ledger:
        return await ledger.workflows.get(key)


async def test_it_is_answered_by_buttons_forms_and_replies_until_it_closes(
    workspace: Workspace, database: Database
):
    thread = await opened(workspace, database)
    owen, mia = workspace.user(OWEN), workspace.user(MIA)

    await presses(workspace, OWEN, thread, "Search ranking", "Cap…")
    told = await owen.submits(cap="weekly", amount="80")
    assert told["outcome"] != "errors"
    assert (
        "lowered from $250.00 to $80.00"
        in (await reply_of(workspace, thread, "Search ranking"))["text"]
    )
    assert "1 of 2 decided" in (await workspace.texts(SEARCH))[0]

    await mia.says("Thanks all!", SEARCH, thread)
    await mia.says("Keep, please", SEARCH, thread)
    messages = await workspace.messages(SEARCH, thread)
    assert "2 of 2 decided · closed" in messages[0]["text"]
    assert "Caps went down by $170.00 a week" in messages[0]["text"]
    assert "this review is closed" in messages[-1]["text"]
    heard = [one for one in messages if one["text"] == "Keep, please"]
    assert heard[0]["reactions"][0]["name"] == "white_check_mark"
    assert not any(one.get("reactions") for one in messages if one["text"] == "Thanks all!")
    assert all(labels(one) == [] for one in messages)
    assert (await stored(database)).caps.weekly == 80


async def test_a_form_says_beside_the_field_what_is_wrong(workspace: Workspace, database: Database):
    thread = await opened(workspace, database)
    await presses(workspace, OWEN, thread, "Search ranking", "Cap…")
    owen = workspace.user(OWEN)

    assert "amount" in (await owen.submits(cap="weekly", amount="lots"))["errors"]
    assert "amount" in (await owen.submits(cap="monthly", amount="100"))["errors"]
    assert "amount" in (await owen.submits(cap="weekly", amount="250"))["errors"]
    assert (await stored(database)).caps.weekly == 250


async def test_rerouting_is_undone_and_retiring_asks_twice(
    workspace: Workspace, database: Database, clock
):
    thread = await opened(workspace, database)
    owen = workspace.user(OWEN)

    await presses(workspace, OWEN, thread, "Search ranking", "Reroute…")
    await owen.submits(tier="cheap")
    assert (await stored(database)).tier is Tier.CHEAP
    await presses(workspace, OWEN, thread, "Search ranking", "Undo (for a day)")
    assert (await stored(database)).tier is Tier.STANDARD

    await presses(workspace, OWEN, thread, "Search ranking", "Retire…")
    asked = await owen.submits(retire_on="2026-11-30")
    assert asked["view"]
    assert (await stored(database)).retire_on is None
    await owen.submits()
    assert (await stored(database)).retire_on == date(2026, 11, 30)

    clock.tick(timedelta(days=2))
    await presses(workspace, OWEN, thread, "Search ranking", "Keep after all")
    assert (await stored(database)).retire_on is None


async def test_questions_in_the_thread_are_answered_by_buttons(
    workspace: Workspace, database: Database
):
    thread = await opened(workspace, database)
    owen, mia = workspace.user(OWEN), workspace.user(MIA)

    await owen.says("cap 400", SEARCH, thread)
    await owen.clicks("Monthly", SEARCH)
    assert (await stored(database)).caps.monthly == Decimal(400)

    await mia.says("retire 30 Nov", SEARCH, thread)
    await mia.clicks("Yes, retire it", SEARCH)
    assert (await stored(database, DOCS)).retire_on == date(2026, 11, 30)
    texts = await workspace.texts(SEARCH, thread)
    assert "`search-ranking`: answered by <@U0OWEN>." in texts
    assert "`search-docs`: answered by <@U0MIA>." in texts


async def test_who_may_not_answer_and_who_comes_second_hear_it_privately(
    workspace: Workspace, database: Database
):
    thread = await opened(workspace, database)

    word = await presses(workspace, "U0FIN", thread, "Search ranking", "Keep")
    assert f"<@{OWEN}>" in word
    assert await presses(workspace, ANA, thread, "Search ranking", "Keep") == ""
    word = await presses(workspace, SAM, thread, "Search ranking", "Retire…")
    assert f"Already decided by <@{ANA}>" in word


async def test_an_admin_opens_it_early_or_finds_it(workspace: Workspace, database: Database, clock):
    clock.move_to("2026-11-23 06:00")
    await moved_in(database, a_workflow(), policy=Policy(timezone="Europe/Berlin"))
    assert await workspace.messages(SEARCH) == []

    assert f"Only <@{SAM}>" in await workspace.user(OWEN).types("/budget review now")
    assert "0 of 1 decided" in await workspace.user(SAM).types("/budget review now")
    assert "already" in await workspace.user(SAM).types("/budget review now search", "C0OPS")

    clock.move_to("2026-11-24 09:00")
    assert len(await workspace.messages(SEARCH)) == 1
