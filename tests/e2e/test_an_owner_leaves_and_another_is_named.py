from dataclasses import replace
from datetime import timedelta

import pytest

from bot.delegations import Delegation
from storage.database import Database
from tests.builders import ANA, FIN, MIA, MONDAY, OWEN, SAM, a_team, a_workflow, an_organisation
from tests.e2e.conftest import NO_REVIEW, moved_in
from tests.e2e.people import Workspace, labels
from tests.outbox import said
from tests.registry import stored, trail

LEA = "U0LEA"

pytestmark = pytest.mark.usefixtures("clock")


async def leaves(workspace, user=OWEN, **account):
    await workspace.ask("user", id=user, **{"deleted": True, **account})
    await workspace.settle()


async def hired(workspace, user=LEA, **account):
    await workspace.ask("user", id=user, name=user.lower(), **account)


async def asked(workspace, user=ANA):
    """The question that stands in somebody's DM."""
    return [m for m in await workspace.messages(user) if "Name an owner…" in labels(m)]


async def test_the_backup_owns_it_at_once_and_the_approver_confirms(
    workspace: Workspace, database: Database
):
    await moved_in(database)

    await leaves(workspace)

    assert (await stored(database)).owner == MIA
    assert (await stored(database)).backup is None
    [told] = await workspace.texts("C0SEARCH")
    assert "<@U0OWEN> owned *Search ranking*" in told
    assert "The backup <@U0MIA> owns it from now on" in told
    assert "you answer for its bill now" in await workspace.last_text(MIA)
    [change] = await trail(database)
    assert (change.actor, change.before["owner"], change.after["owner"]) == (
        "budget-bot",
        OWEN,
        MIA,
    )

    answer = await workspace.user(ANA).clicks("Confirm the backup", ANA)

    assert "<@U0MIA> owns" in answer
    assert await asked(workspace) == []
    [_, confirmed] = await workspace.texts(
        "C0SEARCH", (await workspace.messages("C0SEARCH"))[0]["ts"]
    )
    assert "<@U0ANA> confirmed <@U0MIA> as the owner" in confirmed


async def test_somebody_else_is_named_and_all_are_told(workspace: Workspace, database: Database):
    await moved_in(database)
    await hired(workspace)
    await leaves(workspace)
    ana = workspace.user(ANA)

    await ana.clicks("Name an owner…", ANA)
    told = await ana.submits(owner=LEA)

    assert told["outcome"] == "cleared"
    assert (await stored(database)).owner == LEA
    assert "made you the owner" in await workspace.last_text(LEA)
    assert "you answer for it no more" in await workspace.last_text(MIA)
    assert await asked(workspace) == []


async def test_without_a_backup_nobody_owns_it_until_one_is_named(
    workspace: Workspace, database: Database
):
    await moved_in(database, a_workflow(backup=None))

    await leaves(workspace)

    assert (await stored(database)).owner is None
    assert (await stored(database)).status == "active"
    assert "nobody owns it: it keeps running with its caps" in await workspace.last_text("C0SEARCH")
    [question] = await asked(workspace)
    assert labels(question) == ["Name an owner…"]


async def test_a_backup_who_left_too_takes_nothing_over(workspace: Workspace, database: Database):
    await moved_in(database)
    await leaves(workspace, MIA)
    assert (await stored(database)).owner == OWEN

    await leaves(workspace)

    assert (await stored(database)).owner is None
    assert "is the backup of `search-ranking`" in " ".join(await workspace.texts("C0OPS"))


async def test_where_the_approver_left_too_finance_is_asked_and_may_answer(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    await leaves(workspace, ANA)
    await leaves(workspace)

    answer = await workspace.user(FIN).clicks("Confirm the backup", FIN)

    assert "<@U0MIA> owns" in answer
    assert await asked(workspace, FIN) == []


@pytest.mark.parametrize(
    ("account", "words"),
    [
        pytest.param({"is_restricted": True}, "Guests, bots", id="a guest"),
        pytest.param({"is_stranger": True}, "Guests, bots", id="of another organisation"),
        pytest.param({"deleted": True}, "deactivated", id="who left as well"),
    ],
)
async def test_who_cannot_own_is_refused_beside_the_choice(
    workspace: Workspace, database: Database, account, words
):
    await moved_in(database)
    await hired(workspace, **account)
    await leaves(workspace)
    ana = workspace.user(ANA)

    await ana.clicks("Name an owner…", ANA)
    told = await ana.submits(owner=LEA)

    assert words in told["errors"]["owner"]
    assert (await stored(database)).owner == MIA


async def test_only_the_approver_or_an_admin_names_and_the_first_answer_counts(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    await leaves(workspace)
    [question] = await asked(workspace)
    await workspace.user(MIA).types("/budget test-alert search-ranking")
    alert = (await workspace.messages("C0SEARCH"))[-1]["ts"]
    button = next(
        e["value"] for b in question["blocks"] for e in b.get("elements", []) if "value" in e
    )

    async def presses(user):
        pressed = {"action_id": "owner.confirm", "value": button, "forge": True}
        return await workspace.user(user).clicks_on("C0SEARCH", alert, **pressed)

    assert "Only <@U0ANA> or <@U0SAM> may name the owner" in await presses(MIA)
    assert "may name the owner" in await presses(FIN)
    assert "<@U0MIA> owns" in await presses(SAM)
    assert "<@U0SAM> was faster" in await presses(ANA)


async def test_a_departure_is_seen_to_once_and_a_return_is_remembered(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database)
    await leaves(workspace)
    await leaves(workspace, tz="Asia/Kolkata")
    clock.tick(timedelta(days=1))
    await workspace.settle()
    assert len([n for n in await said(database) if n.key.startswith("departure:")]) == 1

    await leaves(workspace, deleted=False)
    async with database.ledger() as ledger:
        back = await ledger.workflows.get("search-ranking")
        await ledger.workflows.save(replace(back, owner=OWEN, backup=MIA))
    await leaves(workspace)

    assert (await stored(database)).owner == MIA
    assert len([n for n in await said(database) if n.key.startswith("departure:")]) == 2


async def test_all_that_they_held_is_named_to_admins_and_standing_in_ends(
    workspace: Workspace, database: Database
):
    stands_in = Delegation("d-1", ANA, MIA, MONDAY, MONDAY + timedelta(days=9), "Holiday.")
    organisation = an_organisation(policy=NO_REVIEW, finance=(FIN, ANA), delegations=(stands_in,))
    async with database.ledger() as ledger:
        await ledger.organisation.save(organisation)
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow(approver=ANA))
        await ledger.workflows.add(a_workflow(key="other", owner=FIN, backup=ANA))

    await leaves(workspace, ANA)

    told = await workspace.last_text("C0OPS")
    assert "<@U0ANA> has left" in told
    assert "is the backup of `other`" in told
    assert "is the approver of `search-ranking`" in told
    assert "is the approver of team `search`" in told
    assert "stands under `finance`" in told
    assert "<@U0MIA> stood in for <@U0ANA>: that has ended" in told
    async with database.reading() as ledger:
        assert (await ledger.organisation.get()).delegations == ()


async def test_where_the_approver_left_too_finance_is_asked(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    await leaves(workspace, ANA)

    await leaves(workspace)

    assert len(await asked(workspace, FIN)) == 1
    assert await asked(workspace, ANA) == []
