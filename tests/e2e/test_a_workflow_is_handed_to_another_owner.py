from dataclasses import replace
from datetime import timedelta

import pytest

from bot.delegations import Delegation
from bot.policy import Policy
from storage.database import Database
from tests.builders import ANA, FIN, MIA, MONDAY, OWEN, SAM, a_workflow
from tests.e2e.conftest import moved_in
from tests.e2e.people import Workspace, labels

pytestmark = pytest.mark.usefixtures("clock")

SEARCH = "C0SEARCH"


async def owner(database: Database, key: str = "search-ranking") -> str | None:
    async with database.reading() as ledger:
        return (await ledger.workflows.get(key)).owner


async def asks(workspace: Workspace, by: str = OWEN, to: str = ANA, **entered: str) -> None:
    asker = workspace.user(by)
    assert await asker.types("/budget reassign search-ranking") == ""
    told = await asker.submits(to=to, **entered)
    assert told["outcome"] != "errors", told


async def test_somebody_else_owns_it_once_they_accept(workspace: Workspace, database: Database):
    await moved_in(database)
    await asks(workspace, note="I move to <!channel> ads.")

    offered = await workspace.last_text(SEARCH)
    assert f"<@{OWEN}> asks <@{ANA}> to take over" in offered
    assert "&lt;!channel&gt;" in offered
    assert f"Until they accept, <@{OWEN}> stays its owner" in offered
    assert "Thu 26 Nov 10:00 CET" in offered
    assert await owner(database) == OWEN

    assert "You own" in await workspace.user(ANA).clicks("Accept", ANA)
    assert await owner(database) == ANA
    [shown] = await workspace.messages(SEARCH)
    assert f"✅ <@{ANA}> accepted" in shown["text"]
    assert labels(shown) == []
    [_, told] = await workspace.texts(SEARCH, shown["ts"])
    assert f"belongs to <@{ANA}> (it was <@{OWEN}>)" in told
    assert "you no longer own it" in await workspace.last_text(OWEN)
    history = await workspace.user(OWEN).types("/budget history search-ranking")
    assert f"owner <@{OWEN}> → <@{ANA}>" in history


async def test_declining_asks_why_and_tells_whoever_asked(workspace: Workspace, database: Database):
    await moved_in(database)
    await asks(workspace)

    ana = workspace.user(ANA)
    await ana.clicks("Decline…", ANA)
    assert "reason" in (await ana.forges(reason="  "))["errors"]
    await ana.submits(reason="I leave in a week.")
    assert await owner(database) == OWEN
    assert "declined: “I leave in a week.”" in await workspace.last_text(OWEN)
    assert "stays with" in (await workspace.texts(SEARCH))[0]

    await asks(workspace, to=FIN)
    assert f"asks <@{FIN}>" in await workspace.last_text(SEARCH)


async def test_without_an_answer_it_expires_after_three_days(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database)
    await asks(workspace)
    clock.tick(timedelta(days=3) - timedelta(seconds=1))
    assert "asks" in await workspace.last_text(SEARCH)

    clock.tick(timedelta(seconds=1))
    assert "has not answered in 3 days" in await workspace.last_text(SEARCH)
    assert "has not answered" in await workspace.last_text(OWEN)
    await workspace.settle()
    assert len([text for text in await workspace.texts(OWEN) if "has not" in text]) == 1
    assert await owner(database) == OWEN


async def test_a_second_offer_waits_until_the_first_is_taken_back(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    await asks(workspace)

    mia = workspace.user(MIA)
    await mia.types("/budget reassign search-ranking")
    refused = await mia.submits(to=FIN)
    assert f"<@{OWEN}> has asked <@{ANA}> already" in refused["errors"]["to"]

    await mia.clicks("Take it back", SEARCH)
    assert "took back" in await workspace.last_text(OWEN)
    assert "took back" in await workspace.last_text(ANA)
    assert (await mia.submits(to=FIN))["outcome"] != "errors"


async def test_only_who_may_asks_and_only_who_is_named_answers(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    word = await workspace.user(FIN).types("/budget reassign search-ranking")
    assert f"Only <@{OWEN}>, <@{MIA}>, <@{ANA}> (or an admin)" in word

    await asks(workspace)
    async with database.reading() as ledger:
        [offer] = await ledger.reassignments.to_answer(ANA)
    [shown] = await workspace.messages(SEARCH)
    assert "Take it back" in labels(shown)
    assert "ask somebody else" in await workspace.user(FIN).clicks("Take it back", SEARCH)
    assert offer.state == "waiting"


@pytest.mark.parametrize("change", [{"is_restricted": True}, {"deleted": True}])
async def test_guests_and_people_who_left_are_not_asked(
    workspace: Workspace, database: Database, change: dict[str, bool]
):
    await moved_in(database, a_workflow(), policy=Policy(timezone="Europe/Berlin"))
    await workspace.ask("user", id=FIN, **change)
    [parent] = await workspace.messages(SEARCH)
    owen = workspace.user(OWEN)

    await owen.types("/budget reassign search-ranking")
    assert "guest, a bot, or somebody who left" in (await owen.submits(to=FIN))["errors"]["to"]
    assert "its owner already" in (await owen.submits(to=OWEN))["errors"]["to"]
    await owen.says(f"reassign <@{FIN}>", SEARCH, parent["ts"])
    assert "guest, a bot" in await workspace.last_text(SEARCH, parent["ts"])


async def test_who_stands_in_may_ask_and_it_says_for_whom(workspace: Workspace, database: Database):
    await moved_in(database)
    async with database.ledger() as ledger:
        organisation = await ledger.organisation.get((SAM,))
        week = Delegation("d-1", OWEN, FIN, MONDAY, MONDAY + timedelta(days=7), "Holiday.")
        await ledger.organisation.save(replace(organisation, delegations=(week,)))

    await asks(workspace, by=FIN)
    assert f"<@{FIN}> for <@{OWEN}> asks <@{ANA}>" in await workspace.last_text(SEARCH)


async def test_it_is_asked_in_the_weekly_review_by_button_and_by_reply(
    workspace: Workspace, database: Database
):
    docs = a_workflow(key="search-docs", name="Search docs", owner=MIA, backup=None)
    await moved_in(database, a_workflow(), docs, policy=Policy(timezone="Europe/Berlin"))
    [parent] = await workspace.messages(SEARCH)
    thread = parent["ts"]
    owen, mia = workspace.user(OWEN), workspace.user(MIA)

    await owen.says(f"reassign <@{ANA}> because I move to Ads", SEARCH, thread)
    texts = await workspace.texts(SEARCH, thread)
    assert f"<@{OWEN}> asks <@{ANA}> to take over" in texts[-1]
    assert "“I move to Ads”" in texts[-1]
    messages = await workspace.messages(SEARCH, thread)
    heard = next(one for one in messages if one["text"].startswith("reassign"))
    assert heard["reactions"][0]["name"] == "white_check_mark"

    await workspace.user(ANA).clicks("Accept", ANA)
    replies = await workspace.texts(SEARCH, thread)
    assert any(text.startswith("*Search ranking*") and f"<@{ANA}>" in text for text in replies)
    assert "accepted" in replies[-1]

    await mia.clicks("Reassign…", SEARCH)
    await mia.submits(to=FIN)
    assert f"<@{MIA}> asks <@{FIN}>" in await workspace.last_text(SEARCH, thread)

    await mia.says("reassign search-docs", SEARCH, thread)
    assert "Name one person" in await workspace.last_text(SEARCH, thread)
    await mia.says(f"reassign serch-docs to <@{ANA}>", SEARCH, thread)
    assert "no such workflow" in await workspace.last_text(SEARCH, thread)


async def test_what_is_typed_wrong_is_answered_and_a_second_press_changes_nothing(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    owen, ana = workspace.user(OWEN), workspace.user(ANA)
    assert "Did you mean `search-ranking`?" in await owen.types("/budget reassign serch-rank")
    await owen.types("/budget reassign search-ranking")
    assert "to" in (await owen.forges(note="x"))["errors"]
    assert "note" in (await owen.forges(to=ANA, note="x" * 301))["errors"]
    assert (await owen.submits(to=ANA, note=""))["outcome"] != "errors"

    [dm] = await workspace.messages(ANA)
    assert "You own" in await ana.clicks_on(ANA, dm["ts"], label="Accept")
    async with database.reading() as ledger:
        before = await ledger.workflows.get("search-ranking")
        assert await ledger.reassignments.to_answer(ANA) == ()
    await workspace.settle()
    assert labels((await workspace.messages(ANA))[0]) == []
    assert before.owner == ANA
