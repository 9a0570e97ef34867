from dataclasses import replace
from datetime import timedelta

import pytest

from storage.database import Database
from tests.builders import ANA, FIN, MIA, OWEN, SAM
from tests.e2e.conftest import moved_in
from tests.e2e.people import Workspace, labels

pytestmark = pytest.mark.usefixtures("clock")

ASKED = {
    "cap": "weekly",
    "amount": "20",
    "until": "period",
    "reason": "launch week",
    "outcome": "p95 under 2 s",
    "target": "2 s",
}


async def ask(workspace: Workspace, user: str = OWEN, **changed: str) -> None:
    person = workspace.user(user)
    await person.types("/budget request search-ranking")
    told = await person.submits(**{**ASKED, **changed})
    while told["view"]:
        told = await person.submits()


async def test_a_small_raise_goes_through_by_itself_and_is_taken_back(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    await ask(workspace)
    assert "within the policy: up to $25.00, 1 of 2" in await workspace.last_text("C0SEARCH")
    assert "$270.00" in await workspace.user(OWEN).types("/budget why search-ranking")

    word = await workspace.user(OWEN).clicks("Take back", "C0SEARCH")
    assert "Nobody answers their own request" in word
    await workspace.user(ANA).clicks("Take back", "C0SEARCH")

    [card] = await workspace.messages("C0SEARCH")
    assert f"Taken back by <@{ANA}>" in card["text"]
    assert labels(card) == []
    [told] = await workspace.messages(ANA)
    assert "Taken back by" in told["text"]
    assert labels(told) == []
    assert "took back" in await workspace.last_text(OWEN)
    assert "$270.00" not in await workspace.user(OWEN).types("/budget why search-ranking")


async def test_after_a_day_a_small_raise_stays_and_its_buttons_are_gone_everywhere(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database)
    await ask(workspace)
    clock.tick(timedelta(days=1))

    for place in ("C0SEARCH", ANA):
        [message] = await workspace.messages(place)
        assert "The day to take it back is over" in message["text"]
        assert labels(message) == []


async def test_the_third_of_a_month_is_asked_for(workspace: Workspace, database: Database):
    await moved_in(database)
    for _ in range(3):
        await ask(workspace)

    [*_, last] = await workspace.messages("C0SEARCH")
    assert "Approve" in labels(last)


async def test_too_large_a_raise_is_refused_beside_its_field(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    owen = workspace.user(OWEN)
    await owen.types("/budget request search-ranking")

    told = await owen.submits(**{**ASKED, "amount": "100001"})

    assert "at most $100,000.00 in one raise" in told["errors"]["amount"]
    assert "An admin changes that" in told["errors"]["amount"]


async def test_proven_return_spares_finance(workspace: Workspace, database: Database):
    await moved_in(database)
    sam = workspace.user(SAM)
    refused = await workspace.user(OWEN).types("/budget expedite search-ranking mine")
    word = await sam.types("/budget expedite search-ranking 3 of 3 outcomes met")
    await ask(workspace, MIA, amount="900")
    assert "Expedited" in await workspace.last_text("C0SEARCH")

    await workspace.user(ANA).clicks("Approve", "C0SEARCH")

    assert SAM in refused
    assert "expedited path" in word
    assert f"Approved by <@{ANA}>" in await workspace.last_text("C0SEARCH")
    assert "expedited path" in await workspace.last_text(FIN)
    assert "3 of 3 outcomes met" in await sam.types("/budget show search-ranking")
    assert "off the expedited path" in await sam.types("/budget expedite search-ranking off")


async def test_the_glass_is_broken_loudly_and_looked_at_the_next_day(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database)
    mia = workspace.user(MIA)
    await mia.types("/budget break-glass search-ranking")
    await mia.submits(cap="weekly", amount="200", reason="Search is down.")
    assert f"<@{OWEN}>, <@{ANA}>" in await workspace.last_text("C0SEARCH")
    assert "Break-glass" in await workspace.last_text(FIN)
    assert "already this month" in await mia.types("/budget break-glass search-ranking")
    [card] = await workspace.messages("C0SEARCH")

    clock.move_to("2026-11-24T08:00:00Z")
    [_, question] = await workspace.messages("C0SEARCH", card["ts"])
    assert "was it right" in question["text"]
    assert "Was the break-glass" in await workspace.user(FIN).types("/budget status")
    assert "Was the break-glass" not in await mia.types("/budget status")
    assert "took it themselves" not in await mia.clicks("It was right", "C0SEARCH")
    ana = workspace.user(ANA)
    await ana.clicks("It was not…", "C0SEARCH")
    await ana.submits(note="A request would have done.")

    [_, question] = await workspace.messages("C0SEARCH", card["ts"])
    assert "A request would have done." in question["text"]
    assert labels(question) == []
    assert "A request would have done." in await workspace.last_text(MIA)
    assert "it was not right" in await mia.types("/budget show search-ranking")


async def test_over_a_weekend_the_form_says_what_each_week_gives_and_holds_it_to_the_limit(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database)
    clock.move_to("2026-11-27T10:00:00Z")
    mia = workspace.user(MIA)
    await mia.types("/budget break-glass search-ranking")
    shown = str(await mia.form())

    refused = await mia.submits(cap="weekly", amount="500", reason="Search is down.")
    await mia.submits(cap="weekly", amount="250", reason="Search is down.")

    assert "at most $250.00 in each of 2 weeks, $500.00 in all" in shown
    assert "this is $500.00 in each of 2 weeks, $1,000.00 in all" in refused["errors"]["amount"]
    assert "($250.00 in each of 2 weeks, $500.00 in all)" in await workspace.last_text("C0SEARCH")


async def test_who_left_the_group_or_owned_it_then_does_not_judge_and_keeps_no_buttons(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database)
    mia = workspace.user(MIA)
    await mia.types("/budget break-glass search-ranking")
    await mia.submits(cap="weekly", amount="200", reason="Search is down.")
    clock.move_to("2026-11-24T08:00:00Z")
    assert "It was right" in labels((await workspace.messages(FIN))[-1])
    async with database.ledger() as ledger:
        organisation = await ledger.organisation.get()
        await ledger.organisation.save(replace(organisation, finance=(OWEN,)))
        before = await ledger.workflows.get("search-ranking")
        await ledger.workflows.save(replace(before, owner=MIA, backup=None))

    refused = await workspace.user(OWEN).clicks("It was right", "C0SEARCH")
    await workspace.user(ANA).clicks("It was right", "C0SEARCH")

    assert ANA in refused
    for person in (ANA, FIN):
        question = next(
            one
            for one in await workspace.messages(person)
            if "took +$200.00" in one["text"] and "Was it right" in one["text"]
        )
        assert f"<@{ANA}>: it was right" in question["text"]
        assert labels(question) == []


async def test_whoever_may_not_break_it_is_told_who_may(workspace: Workspace, database: Database):
    await moved_in(database)

    assert OWEN in await workspace.user(FIN).types("/budget break-glass search-ranking")
    assert "There is no workflow" in await workspace.user(MIA).types("/budget break-glass nothing")


async def test_wrong_entries_stay_in_the_form_and_take_nothing(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    mia = workspace.user(MIA)
    await mia.types("/budget break-glass search-ranking")

    unreadable = await mia.forges(cap="weekly", amount="much", reason="")
    too_much = await mia.submits(cap="weekly", amount="501", reason="Search is down.")

    assert set(unreadable["errors"]) == {"amount", "reason"}
    assert "At most $500.00" in too_much["errors"]["amount"]
    assert await workspace.messages("C0SEARCH") == []


async def test_a_paused_workflow_gets_nothing_at_once(workspace: Workspace, database: Database):
    await moved_in(database)
    mia = workspace.user(MIA)
    await mia.types("/budget pause search-ranking it loops")

    assert "resume it first" in await mia.types("/budget break-glass search-ranking")


async def test_once_the_money_has_ended_the_requester_says_whether_it_happened(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database)
    await ask(workspace, MIA, amount="100")
    await workspace.user(ANA).clicks("Approve", "C0SEARCH")
    clock.move_to("2026-11-30T09:00:00Z")
    assert "did it happen?" in await workspace.last_text(MIA)
    mia = workspace.user(MIA)
    assert "Did it happen?" in await mia.types("/budget status")

    refused = await workspace.user(FIN).clicks("Partly…", "C0SEARCH")
    await mia.clicks("Yes, with evidence…", MIA)
    wrong = await mia.submits(evidence="p95 is 1.8 s", link="nowhere")
    await mia.submits(evidence="p95 is 1.8 s", link="https://example.com/p95")

    assert MIA in refused
    assert "link" in wrong["errors"]
    assert "it happened, says" in await workspace.last_text(MIA)
    assert "Did it happen?" not in await mia.types("/budget status")
    assert "it happened, “p95 is 1.8 s”" in await mia.types("/budget show search-ranking")

    await mia.clicks("Correct…", MIA)
    await mia.submits(answer="no", evidence="It fell back.")
    assert "it did not happen" in await workspace.last_text(MIA)
    clock.tick(timedelta(days=2))
    assert "over" in await mia.clicks("Correct…", MIA)
