"""What changes while a request waits is on its card before anybody says yes to it."""

import pytest

from tests.builders import ANA, FIN, MIA, a_team
from tests.e2e.conftest import moved_in
from tests.e2e.people import labels

pytestmark = pytest.mark.usefixtures("clock")

SEARCH = "C0SEARCH"


async def asks(workspace):
    mia = workspace.user(MIA)
    await mia.types("/budget request search-ranking")
    told = await mia.submits(
        cap="weekly",
        amount="100",
        until="period",
        reason="Launch week",
        outcome="p95",
        target="2 s",
    )
    assert not told["errors"]
    await workspace.settle()


async def test_asked_on_sunday_and_approved_after_the_turn_of_the_week(workspace, database, clock):
    await moved_in(database)
    clock.move_to("2026-11-29T21:00:00Z")
    await asks(workspace)
    ana = workspace.user(ANA)
    (card,) = await workspace.messages(SEARCH)

    # Nothing settles between the turn of the week and the press.
    clock.move_to("2026-11-30T08:00:00Z")
    refused = await ana.clicks_on(SEARCH, card["ts"], label="Approve")
    assert "until Mon 7 Dec 00:00 CET" in refused
    async with database.reading() as ledger:
        assert await ledger.overrides.of("search-ranking") == ()

    await workspace.settle()
    assert "until Mon 7 Dec 00:00 CET" in (await workspace.texts(SEARCH))[0]
    await ana.clicks("Approve", SEARCH)

    await workspace.settle()
    assert "Approved by <@U0ANA>" in (await workspace.texts(SEARCH))[0]


async def test_another_approver_is_told_and_the_one_before_may_not_answer(
    workspace, database, clock
):
    await moved_in(database)
    await asks(workspace)
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team(approver=FIN))

    clock.move_to("2026-11-23T10:00:00Z")
    await workspace.settle()

    assert "waits for you" in (await workspace.texts(FIN))[0]
    assert "You are not its approver" in await workspace.user(ANA).clicks("Approve", SEARCH)
    (card,) = await workspace.messages(SEARCH)
    assert "Approve" in labels(card)
    assert f"<@{FIN}>" in card["text"]
