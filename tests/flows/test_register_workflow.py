import pytest

from bot.workflows import Status
from handlers.slack.calls import Closes, Errors, Opens
from tests.builders import ANA, MIA, OWEN, SAM, a_workflow
from tests.outbox import said
from tests.registry import entered, presses, settled, stored, submits, trail, types

pytestmark = pytest.mark.usefixtures("clock")

TEAM_TOOL = {
    "key": "support-bot",
    "name": "Support bot",
    "weekly_cap": "$50",
    "monthly_cap": "180.50",
    "review_date": "2026-12-07",
}


@pytest.fixture
async def desk(database):
    return await settled(database)


async def test_an_owner_registers_a_team_tool_and_starts_it(desk):
    form = await types(desk, OWEN, "register")
    preview = await submits(desk, OWEN, form, **TEAM_TOOL)
    done = await submits(desk, OWEN, preview, save_as="active")

    workflow = await stored(desk.database, "support-bot")
    assert (workflow.status, workflow.owner, workflow.agreed_by) == (Status.ACTIVE, OWEN, OWEN)
    assert "It is *active* with $50.00 a week, $180.50 a month" in done.card.text
    assert [notice.text for notice in await said(desk.database, to="C0SEARCH")] == [
        "*Support bot* (`support-bot`) was registered by <@U0OWEN>. It is *active* with "
        "$50.00 a week, $180.50 a month; <@U0OWEN> answers for it."
    ]
    assert [change.what for change in await trail(desk.database, "support-bot")] == ["registered"]


async def test_anybody_may_propose_for_an_owner_who_then_activates(desk):
    form = await types(desk, MIA, "register")
    preview = await submits(desk, MIA, form, **TEAM_TOOL, owner=OWEN)
    done = await submits(desk, MIA, preview, save_as="active")

    workflow = await stored(desk.database, "support-bot")
    assert "save_as" not in entered(preview.view)
    assert isinstance(done, Errors | Closes)
    assert (workflow.status, workflow.agreed_by) == (Status.PROPOSED, None)
