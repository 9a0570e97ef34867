import pytest

from storage.database import Database
from tests.builders import ANA, FIN, MIA, OWEN, a_workflow
from tests.e2e.conftest import moved_in
from tests.e2e.people import Workspace

pytestmark = pytest.mark.usefixtures("clock")

SUPPORT = {
    "key": "support-bot",
    "name": "Support bot",
    "weekly_cap": "50",
    "monthly_cap": "180",
    "review_date": "2026-12-07",
}


async def test_it_is_proposed_agreed_to_changed_and_retired(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    mia, owen, ana = map(workspace.user, (MIA, OWEN, ANA))

    await mia.types("/budget register")
    await mia.submits(**SUPPORT, owner=OWEN)
    await mia.submits()
    assert "was registered by <@U0MIA>. It is *proposed*" in await workspace.last_text("C0SEARCH")

    await owen.clicks("Activate", OWEN)
    assert "<@U0OWEN> agreed to its contract" in await workspace.last_text("C0SEARCH")

    await owen.types("/budget edit support-bot")
    await owen.submits(weekly_cap="40", monthly_cap="300", reason="More tickets since the launch.")
    texts = await workspace.texts("C0SEARCH")
    assert any("weekly cap $50.00 → $40.00" in text for text in texts)
    assert any("$120.00 more" in text for text in texts)
    assert "$180.00 a month" in await workspace.user(FIN).types("/budget show support-bot")

    await ana.types("/budget retire support-bot")
    await ana.submits(reason="Replaced.")
    assert any("was *retired* by <@U0ANA>" in text for text in await workspace.texts("C0SEARCH"))
    history = await owen.types("/budget history support-bot")
    assert all(word in history for word in ("retired", "edited", "activated", "registered"))


@pytest.mark.parametrize("field", ["owner", "backup", "approver"])
@pytest.mark.parametrize("chosen", ["U0GUEST", "U0BOT", "U0LEFT"])
async def test_whoever_is_no_full_member_is_given_no_role(
    workspace: Workspace, database: Database, field: str, chosen: str
):
    await moved_in(database)
    await workspace.ask("user", id="U0LEFT", name="lea", real_name="Lea Left", deleted=True)
    mia, ana = map(workspace.user, (MIA, ANA))

    await mia.types("/budget register")
    registered = await mia.submits(**SUPPORT, **{field: chosen})
    await ana.types("/budget edit search-ranking")
    edited = await ana.submits(**{field: chosen})

    for told in (registered, edited):
        assert "choose a full member" in told["errors"][field]


async def test_a_colleague_who_left_need_not_be_replaced_first(
    workspace: Workspace, database: Database
):
    await moved_in(database, a_workflow(backup="U0GUEST"))
    owen = workspace.user(OWEN)

    await owen.types("/budget edit search-ranking")
    await owen.submits(weekly_cap="200")

    assert "$250.00 → $200.00" in await workspace.last_text("C0SEARCH")


async def test_a_wrong_entry_is_said_beside_it_and_nothing_is_lost(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    mia = workspace.user(MIA)

    await mia.types("/budget register")
    wrong = await mia.submits(**SUPPORT | {"weekly_cap": "twelve"})
    right = await mia.submits(weekly_cap="50")

    assert "no amount in US dollars" in wrong["errors"]["weekly_cap"]
    assert "Support bot" in str(right["view"])


async def test_the_class_decides_what_the_form_asks(workspace: Workspace, database: Database):
    await moved_in(database)
    owen = workspace.user(OWEN)
    await owen.types("/budget register try-agents")

    await owen.chooses("kind", "experiment", name="Try agents")
    without = await owen.submits(ends_on="2026-12-31")
    preview = await owen.submits(ends_on="2026-12-31", total_cap="300")
    await owen.submits(save_as="active")

    assert "monthly cap or a total cap" in without["errors"]["monthly_cap"]
    assert "Nothing is missing" in str(preview["view"])
    assert "It is *active* with $300.00 in total" in await workspace.last_text("C0SEARCH")


async def test_typos_are_answered_with_what_was_meant(workspace: Workspace, database: Database):
    await moved_in(database)
    fin = workspace.user(FIN)

    assert "Did you mean `search-ranking`?" in await fin.types("/budget show serch-ranking")
    assert "Did you mean `/budget status`?" in await fin.types("/budget staus")
    assert "Only <@U0OWEN> or <@U0ANA>" in await fin.types("/budget pause search-ranking")
