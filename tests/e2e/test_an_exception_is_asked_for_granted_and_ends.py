from datetime import timedelta

import pytest

from storage.database import Database
from tests.builders import ANA, MIA, MONDAY, OWEN, SAM
from tests.e2e.conftest import moved_in
from tests.e2e.people import Json, Workspace, labels, spent

pytestmark = pytest.mark.usefixtures("clock")

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
    told = await person.submits(**ASKED, **changed)
    while told["view"]:
        told = await person.submits()


async def test_it_is_asked_granted_and_ends_by_itself(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database)
    await ask(workspace)
    assert "<@U0MIA> asks for $100.00 more" in await workspace.last_text("C0SEARCH")

    await workspace.user(ANA).clicks("Approve", "C0SEARCH")
    [card] = await workspace.messages("C0SEARCH")
    assert "by $100.00, to $350.00" in card["text"]
    assert labels(card) == []
    assert "$350.00" in await workspace.last_text(MIA)
    assert "$350.00" in await workspace.user(OWEN).types("/budget why search-ranking")

    clock.tick(timedelta(days=7))
    texts = await workspace.texts("C0SEARCH")
    assert sum(" ended" in text for text in texts) == 1
    assert "$350.00" not in await workspace.user(OWEN).types("/budget why search-ranking")


async def test_a_denial_needs_a_reason_and_the_requester_hears_it(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    await ask(workspace)
    ana = workspace.user(ANA)
    await ana.clicks("Deny…", "C0SEARCH")

    without = await ana.forges(reason="")
    await ana.submits(reason="Wait for the new model.")

    assert without["outcome"] == "errors"
    assert "Wait for the new model." in await workspace.last_text(MIA)
    assert labels((await workspace.messages("C0SEARCH"))[0]) == []


@pytest.mark.parametrize(
    ("who", "why"),
    [
        pytest.param(MIA, "own request", id="the requester"),
        pytest.param(OWEN, "owner", id="the owner"),
        pytest.param(SAM, "<@U0ANA>", id="an admin while the approver is there"),
    ],
)
async def test_whoever_may_not_approve_is_told_privately_and_nothing_changes(
    workspace: Workspace, database: Database, who: str, why: str
):
    await moved_in(database)
    await ask(workspace)

    word = await workspace.user(who).clicks("Approve", "C0SEARCH")

    assert why in word
    assert "asks for" in await workspace.last_text("C0SEARCH")


async def test_the_second_press_is_told_who_was_first(workspace: Workspace, database: Database):
    await moved_in(database)
    await ask(workspace)
    [card] = await workspace.messages("C0SEARCH")
    await workspace.user(ANA).clicks("Approve", "C0SEARCH")

    word = await workspace.user(ANA).clicks_on(
        "C0SEARCH", card["ts"], action_id="request.approve", value=_value(card), forge=True
    )

    assert "pproved" in word
    assert "to $350.00" in await workspace.last_text("C0SEARCH")


async def test_a_press_from_another_channel_or_with_a_forged_value_changes_nothing(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    await ask(workspace)
    [card] = await workspace.messages("C0SEARCH")
    ana = workspace.user(ANA)
    press = {"action_id": "request.approve", "forge": True}

    elsewhere = await ana.clicks_on(
        "C0SEARCH", card["ts"], value=_value(card), from_channel="C0GROWTH", **press
    )
    forged = await ana.clicks_on("C0SEARCH", card["ts"], value="r-nonsense", **press)

    assert elsewhere
    assert forged
    assert "asks for" in await workspace.last_text("C0SEARCH")


async def test_nobody_answers_and_it_expires_on_its_clock(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database)
    await ask(workspace)
    [card] = await workspace.messages("C0SEARCH")

    clock.tick(timedelta(hours=72))
    late = await workspace.user(ANA).clicks_on(
        "C0SEARCH", card["ts"], action_id="request.approve", value=_value(card), forge=True
    )

    assert "xpired" in late
    assert "xpired" in await workspace.last_text(MIA)
    assert labels((await workspace.messages("C0SEARCH"))[0]) == []


async def test_the_alert_offers_to_ask(workspace: Workspace, database: Database):
    await moved_in(database)
    await workspace.usage(spent("search-ranking", "200", MONDAY))
    owen = workspace.user(OWEN)

    await owen.clicks("Ask for more…", "C0SEARCH")

    assert "search-ranking" in str(await owen.form())


def _value(card: Json) -> str:
    value: str = next(
        element["value"]
        for block in card["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
        if element["action_id"] == "request.approve"
    )
    return value
