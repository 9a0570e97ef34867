from datetime import timedelta
from decimal import Decimal

import pytest

from bot.workflows import Status
from storage.database import Database
from tests.builders import ANA, FIN, MIA, MONDAY, OWEN, a_workflow
from tests.e2e.conftest import moved_in
from tests.e2e.people import Workspace, labels, spent

pytestmark = pytest.mark.usefixtures("clock")

SEARCH = "C0SEARCH"
KEY = "search-ranking"


async def asked(workspace: Workspace, database: Database, clock) -> None:
    """Activated on Monday, spent since, and asked a week later."""
    fresh = a_workflow(status=Status.PROPOSED, status_since=None, activated_at=None)
    await moved_in(database, fresh)
    assert "active" in await workspace.user(OWEN).types(f"/budget activate {KEY}")
    clock.tick(timedelta(days=6))
    await workspace.usage(
        spent(KEY, "112.40", MONDAY + timedelta(days=5), model="gpt-5"),
        spent(KEY, "3", MONDAY + timedelta(days=6)),
    )
    assert not any("First review" in text for text in await workspace.texts(SEARCH))
    clock.tick(timedelta(days=1))
    await workspace.settle()


async def test_it_asks_once_with_the_first_weeks_figures(
    workspace: Workspace, database: Database, clock
):
    await asked(workspace, database, clock)
    await workspace.settle()

    [text] = [text for text in await workspace.texts(SEARCH) if "First review" in text]
    assert "$115.40 spent, most on gpt-5: $112.40" in text
    assert f"<@{OWEN}>" in text
    assert "No requests for more" in text
    assert "Without an answer until" in text
    assert "First review" in await workspace.last_text(OWEN)

    assert "For search-ranking may decide" in await workspace.user(FIN).clicks("It is fine", SEARCH)
    assert await workspace.user(MIA).clicks("It is fine", SEARCH) == ""
    shown = [one for one in await workspace.messages(SEARCH) if "First review" in one["text"]]
    assert f"found fine as it is by <@{MIA}>" in shown[0]["text"]
    assert labels(shown[0]) == []
    assert labels((await workspace.messages(OWEN))[-1]) == []
    history = await workspace.user(OWEN).types(f"/budget history {KEY}")
    assert "first review: fine" in history


async def test_cutting_holds_at_once_and_more_is_asked_for(
    workspace: Workspace, database: Database, clock
):
    await asked(workspace, database, clock)
    owen = workspace.user(OWEN)

    await owen.clicks("Cut…", SEARCH)
    assert "amount" in (await owen.submits(cap="weekly", amount="lots"))["errors"]
    assert "amount" in (await owen.submits(cap="weekly", amount="250"))["errors"]
    assert (await owen.submits(cap="weekly", amount="150"))["outcome"] != "errors"

    async with database.reading() as ledger:
        assert (await ledger.workflows.get(KEY)).caps.weekly == Decimal(150)
        review = await ledger.first_reviews.of(KEY)
    assert review is not None
    assert (review.choice, review.by) == ("cut", OWEN)
    text = next(text for text in await workspace.texts(SEARCH) if "✅ First review" in text)
    assert f"cut by <@{OWEN}>: weekly cap $250.00 → $150.00" in text


async def test_expanding_asks_the_approver(workspace: Workspace, database: Database, clock):
    await asked(workspace, database, clock)
    owen = workspace.user(OWEN)

    await owen.clicks("Expand…", SEARCH)
    form = await owen.form()
    assert "First review" in str(form)
    told = await owen.submits(
        amount="100", until="permanent", outcome="accepted pull requests", target="40"
    )
    while told.get("view"):
        told = await owen.submits()
    assert told["outcome"] != "errors", told

    texts = await workspace.texts(SEARCH)
    assert any(f"more was asked for by <@{OWEN}>" in text for text in texts)
    async with database.reading() as ledger:
        assert len(await ledger.requests.waiting(KEY)) == 1
        assert (await ledger.workflows.get(KEY)).caps.weekly == Decimal(250)


async def test_changing_opens_the_contract(workspace: Workspace, database: Database, clock):
    await asked(workspace, database, clock)
    ana = workspace.user(ANA)

    await ana.clicks("Change…", SEARCH)
    assert (await ana.submits(tier="cheap"))["outcome"] != "errors"
    assert any(f"changed by <@{ANA}>: model tier" in text for text in await workspace.texts(SEARCH))


async def test_silence_reminds_tells_the_approver_and_leaves_it_as_it_is(
    workspace: Workspace, database: Database, clock
):
    await asked(workspace, database, clock)
    clock.tick(timedelta(days=2))
    assert "⏰ The first review" in await workspace.last_text(OWEN)
    clock.tick(timedelta(days=2))
    assert "You may decide it" in await workspace.last_text(ANA)
    clock.tick(timedelta(days=3))
    texts = await workspace.texts(SEARCH)
    assert any("nobody decided, so it stays as it is" in text for text in texts)
    assert not any(
        labels(one) for one in await workspace.messages(SEARCH) if "First" in one["text"]
    )


async def test_a_paused_one_is_asked_when_it_is_resumed(
    workspace: Workspace, database: Database, clock
):
    fresh = a_workflow(status=Status.PROPOSED, status_since=None, activated_at=None)
    await moved_in(database, fresh)
    owen = workspace.user(OWEN)
    await owen.types(f"/budget activate {KEY}")
    await owen.types(f"/budget pause {KEY}")
    clock.tick(timedelta(days=9))
    assert not any("First review" in text for text in await workspace.texts(SEARCH))

    await owen.types(f"/budget resume {KEY}")
    assert any("First review" in text for text in await workspace.texts(SEARCH))
