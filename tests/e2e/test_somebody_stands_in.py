from datetime import date, timedelta

import pytest

from storage.database import Database
from tests.builders import ANA, FIN, MIA, OWEN, SAM
from tests.e2e.conftest import moved_in
from tests.e2e.people import Workspace

pytestmark = pytest.mark.usefixtures("clock")

TODAY = date(2026, 11, 23)
ASKED = {
    "cap": "weekly",
    "amount": "100",
    "until": "period",
    "reason": "launch week",
    "outcome": "p95 under 2 s",
    "target": "2 s",
}


async def ask(workspace: Workspace, user: str = MIA, **changed: str) -> None:
    person = workspace.user(user)
    await person.types("/budget request search-ranking")
    told = await person.submits(**{**ASKED, **changed})
    while told["view"]:
        told = await person.submits()


async def names(workspace: Workspace, by: str, to: str, **changed: str) -> dict[str, object]:
    person = workspace.user(by)
    await person.types("/budget delegate")
    days = {"first": TODAY.isoformat(), "last": (TODAY + timedelta(days=7)).isoformat()}
    return await person.submits(**{"to": to, **days, "reason": "Holiday.", **changed})


async def test_who_stands_in_approves_for_the_approver_and_the_card_says_so(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    await names(workspace, ANA, FIN)
    assert f"<@{FIN}> stands in for <@{ANA}>" in await workspace.last_text("C0SEARCH")
    assert "You stand in" in await workspace.last_text(FIN)
    await ask(workspace)

    await workspace.user(FIN).clicks("Approve", "C0SEARCH")

    assert f"Approved by <@{FIN}> for <@{ANA}>" in await workspace.last_text("C0SEARCH")


async def test_the_approver_may_still_act(workspace: Workspace, database: Database):
    await moved_in(database)
    await names(workspace, ANA, FIN)
    await ask(workspace)

    await workspace.user(ANA).clicks("Approve", "C0SEARCH")

    assert f"Approved by <@{ANA}>," in await workspace.last_text("C0SEARCH")


async def test_after_the_last_day_it_is_over_by_itself(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database)
    await names(workspace, ANA, FIN)
    clock.tick(timedelta(days=8))
    await ask(workspace)

    word = await workspace.user(FIN).clicks("Approve", "C0SEARCH")

    assert ANA in word


async def test_it_is_ended_where_it_is_listed(workspace: Workspace, database: Database):
    await moved_in(database)
    await names(workspace, ANA, FIN)
    ana = workspace.user(ANA)
    await ana.types("/budget delegate")

    await workspace.ask("click", user=ANA, view=True, label="End now")

    assert "End now" not in str(await ana.form())
    assert "no longer stands in" in await workspace.last_text(FIN)
    await ask(workspace)
    assert ANA in await workspace.user(FIN).clicks("Approve", "C0SEARCH")


@pytest.mark.parametrize(
    ("to", "changed", "field"),
    [
        pytest.param(ANA, {}, "to", id="to oneself"),
        pytest.param("U0GUEST", {}, "to", id="to a guest"),
        pytest.param(FIN, {"last": "2026-11-01"}, "last", id="over already"),
        pytest.param(FIN, {"last": "2028-01-01"}, "last", id="for years"),
    ],
)
async def test_what_cannot_be_is_said_beside_its_field(
    workspace: Workspace, database: Database, to: str, changed: dict[str, str], field: str
):
    await moved_in(database)
    ana = workspace.user(ANA)
    await ana.types("/budget delegate")
    days = {"first": TODAY.isoformat(), "last": "2026-11-30"}

    told = await ana.forges(**{"to": to, **days, "reason": "Holiday.", **changed})

    assert told["outcome"] == "errors"
    assert field in told["errors"]


async def test_the_backup_is_addressed_until_the_owner_is_back(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    owen = workspace.user(OWEN)

    word = await owen.types("/budget away 24 Nov to 1 Dec")

    assert f"<@{MIA}> is addressed beside you" in word
    assert f"<@{OWEN}> is away" in await workspace.last_text(MIA)
    assert "You are back" in await owen.types("/budget away off")
    assert "not away" in await owen.types("/budget away off")


@pytest.mark.parametrize("words", ["", "someday", "to 31 Feb", "1 Dec to 24 Nov"])
async def test_days_that_are_none_are_answered_with_examples(
    workspace: Workspace, database: Database, words: str
):
    await moved_in(database)

    assert "/budget away" in await workspace.user(SAM).types(f"/budget away {words}")


async def test_who_stands_in_changes_the_contract_and_answers_the_review(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    await names(workspace, ANA, FIN)
    fin = workspace.user(FIN)

    await fin.types("/budget pause search-ranking it loops")
    await fin.types("/budget resume search-ranking")
    await workspace.user(SAM).types("/budget review now search")
    await fin.clicks("Keep", "C0SEARCH")

    history = await fin.types("/budget history search-ranking")
    assert f"<@{FIN}> for <@{ANA}> paused" in history
    assert f"<@{FIN}> for <@{ANA}> kept" in history


async def test_nobody_does_so_before_the_first_day(workspace: Workspace, database: Database):
    await moved_in(database)
    await names(workspace, ANA, FIN, first="2026-11-24")

    word = await workspace.user(FIN).types("/budget pause search-ranking it loops")

    assert "Only" in word
