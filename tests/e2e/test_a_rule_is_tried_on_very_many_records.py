"""Looking at past records may take longer than Slack waits for an answer."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.util import await_only

from handlers.slack import waiting
from storage.database import Database
from tests.builders import MONDAY, SAM, a_workflow
from tests.e2e.conftest import ALERTS_ONLY, moved_in
from tests.e2e.people import Impossible, Person, Workspace, spent

pytestmark = pytest.mark.usefixtures("clock", "soon")

CHAT = a_workflow(key="support-chat", name="Support chat")


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PATIENCE", 0.05)
    monkeypatch.setattr(waiting, "_APART", 0.01)


@asynccontextmanager
async def slow(
    database: Database, what: str = "by_part", *, fails: bool = False
) -> AsyncIterator[list[str]]:
    """While the block lasts, no rule is tried to its end: what was begun. Or no statement that says
    `what`.
    """
    released, asked = asyncio.Event(), list[str]()

    def wait(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if what in statement:
            asked.append(statement)
            await_only(released.wait())
            if fails:
                raise OSError("the disk is gone")

    engine = database._reading.sync_engine
    event.listen(engine, "before_cursor_execute", wait)
    try:
        yield asked
    finally:
        released.set()


async def comes(look: Callable[[], Any], wanted: str) -> str:
    """What is shown, as soon as the words are among it."""
    for _ in range(200):
        seen = str(await look())
        if wanted in seen:
            return seen
        await asyncio.sleep(0.01)
    raise Impossible(f"no “{wanted}” in {seen}")


async def whispers(workspace: Workspace) -> list[str]:
    return [one["text"] for one in await workspace.see("ephemerals", user=SAM)]


async def begun(workspace: Workspace, database: Database) -> Person:
    """Sam has the form of a new rule open."""
    await moved_in(database, a_workflow(), CHAT, policy=ALERTS_ONLY)
    named = {"key": "sk-1", "key_name": "support-chat-prod"}
    await workspace.usage(spent("", "150", MONDAY, **named), spent("", "80", MONDAY, **named))
    sam = workspace.user(SAM)
    asked = {"user": SAM, "channel": "C0SEARCH", "text": "/budget whose"}
    [shown] = (await workspace.ask("command", **asked))["ephemerals"]
    await sam.clicks_on("C0SEARCH", shown["ts"], label="Make a rule…")
    return sam


@pytest.mark.parametrize("command", ["whose", "whose tags", "gaps"])
async def test_a_command_says_that_it_is_looked_at_and_then_shows_what_it_found(
    workspace: Workspace, database: Database, monkeypatch: pytest.MonkeyPatch, command: str
):
    monkeypatch.setattr(waiting, "_PATIENCE_TYPED", 0.05)
    await moved_in(database, a_workflow(), CHAT, policy=ALERTS_ONLY)
    await workspace.usage(spent("", "150", MONDAY, tags={"squad": "blue"}))
    asked = {"user": SAM, "channel": "C0SEARCH", "text": f"/budget {command}"}

    async with slow(database, "sum(CASE"):
        [first] = (await workspace.ask("command", **asked))["ephemerals"]
        assert "are being looked through" in first["text"]
        assert len(await whispers(workspace)) == 1

    await comes(partial(whispers, workspace), "$150.00")


async def test_the_form_says_that_it_is_looked_at_and_then_shows_what_would_move(
    workspace: Workspace, database: Database
):
    sam = await begun(workspace, database)
    async with slow(database):
        assert (await sam.submits(pattern="sk-*"))["outcome"] == "pushed"
        form = await sam.form()
        assert "tried on the records of before. Nothing is saved yet" in str(form)
        assert not form.get("submit")

    await comes(sam.form, "$230.00, 2 records")
    [confirmed] = (await sam.submits())["ephemerals"]
    assert "$230.00, 2 records move now" in confirmed["text"]
    assert "$230.00 of $250.00" in await workspace.last_text("C0SEARCH")


async def test_saving_looks_at_no_record_again(workspace: Workspace, database: Database):
    sam = await begun(workspace, database)
    await sam.submits(pattern="sk-*")
    await comes(sam.form, "$230.00, 2 records")
    async with slow(database) as asked:
        [confirmed] = (await sam.submits())["ephemerals"]
        assert "$230.00, 2 records move now" in confirmed["text"]
        assert asked == []


async def test_what_was_seen_before_the_registry_changed_is_shown_anew(
    workspace: Workspace, database: Database
):
    sam = await begun(workspace, database)
    await sam.submits(pattern="sk-*")
    await comes(sam.form, "$230.00, 2 records")
    async with database.ledger() as ledger:
        await ledger.organisation.touch()

    async with slow(database):
        assert (await sam.submits())["outcome"] == "updated"
        assert "tried on the records of before" in str(await sam.form())
    assert "Not saved yet" in await comes(sam.form, "$230.00, 2 records")
    assert "No rule is made yet" in await sam.types("/budget rules")
    [confirmed] = (await sam.submits())["ephemerals"]
    assert "$230.00, 2 records move now" in confirmed["text"]


async def test_a_form_that_was_closed_meanwhile_is_no_error(
    workspace: Workspace, database: Database, capfd: pytest.CaptureFixture[str]
):
    sam = await begun(workspace, database)
    async with slow(database):
        await sam.submits(pattern="sk-*")
        await workspace.ask("close", user=SAM)
    await asyncio.sleep(0.2)

    assert "No rule is made yet" in await sam.types("/budget rules")
    logged = "".join(capfd.readouterr())
    assert "the form that waited for an answer is closed" in logged
    assert "Traceback" not in logged


async def test_what_goes_wrong_on_the_way_is_told(workspace: Workspace, database: Database):
    sam = await begun(workspace, database)
    async with slow(database, fails=True):
        await sam.submits(pattern="sk-*")
    await comes(sam.form, "Something went wrong here, and nothing is done.")


async def test_a_button_of_the_form_waits_in_a_form_of_its_own(
    workspace: Workspace, database: Database
):
    sam = await begun(workspace, database)
    await sam.submits(pattern="sk-*")
    await comes(sam.form, "$230.00, 2 records")
    await sam.submits()
    asked = {"user": SAM, "channel": "C0SEARCH", "text": "/budget rules"}
    [listed] = (await workspace.ask("command", **asked))["ephemerals"]
    await sam.clicks_on("C0SEARCH", listed["ts"], label="Change…")
    async with slow(database):
        await workspace.ask("click", user=SAM, view=True, label="Remove…")
        await comes(sam.form, "tried on the records of before")
    await comes(sam.form, "Remove the rule")


async def test_undoing_twice_is_done_once_and_both_are_told(
    workspace: Workspace, database: Database
):
    sam = await begun(workspace, database)
    await sam.submits(pattern="sk-*")
    await comes(sam.form, "$230.00, 2 records")
    await sam.submits()
    told = (await workspace.messages(SAM))[-1]
    async with slow(database):
        for _ in range(2):
            await sam.clicks_on(SAM, told["ts"], label="Undo")
        await comes(partial(whispers, workspace), "is looked up first")
    said = await comes(partial(whispers, workspace), "has taken this back already")
    assert said.count("is looked up first") == 2
    assert said.count("Rule removed") == 1
    async with database.reading() as ledger:
        trail = await ledger.changes.of("attribution")
    assert [one.what for one in trail] == ["rule removed", "rule made"]
