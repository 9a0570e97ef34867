from datetime import UTC, datetime, time, timedelta

import pytest

from bot.hours import QuietHours
from bot.reach import Digest, Preferences
from storage.database import Database
from tests.builders import OWEN
from tests.e2e.conftest import moved_in
from tests.e2e.people import Workspace, spent
from tests.registry import trail

EVENING = datetime(2026, 11, 23, 21, tzinfo=UTC)  # 22:00 in Berlin


@pytest.fixture(autouse=True)
def night(clock):
    clock.move_to(EVENING)


async def kept(database):
    async with database.reading() as ledger:
        return await ledger.preferences.of(OWEN)


async def test_an_alert_by_night_waits_and_comes_in_the_morning(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database)
    await workspace.usage(spent("search-ranking", "200", EVENING))
    await workspace.usage(spent("search-ranking", "30", EVENING))
    assert len(await workspace.messages("C0SEARCH")) == 1
    assert await workspace.messages(OWEN) == []

    clock.tick(timedelta(hours=9))

    texts = await workspace.texts(OWEN)
    # What waits is kept as current as the message in the channel, and says it once.
    [alert] = [text for text in texts if "has used" in text]
    assert "$200.00 of $250.00" not in alert
    assert alert.count("$230.00 of $250.00") == 1
    assert "As of" in alert


async def test_the_hard_limit_wakes_its_owner(workspace: Workspace, database: Database):
    await moved_in(database)

    await workspace.usage(spent("search-ranking", "260", EVENING))

    [word] = await workspace.texts(OWEN)
    assert "over its weekly cap" in word


async def test_hours_are_chosen_kept_and_count_at_once(workspace: Workspace, database: Database):
    await moved_in(database)
    owen = workspace.user(OWEN)
    await workspace.usage(spent("search-ranking", "200", EVENING))
    assert await workspace.messages(OWEN) == []

    await owen.types("/budget settings")
    told = await owen.submits(
        quiet="own", quiet_from="23:00", quiet_to="06:30", digest="own", digest_at="22:30"
    )

    assert told["outcome"] == "cleared"
    assert await kept(database) == Preferences(
        QuietHours(time(23), time(6, 30)), Digest(time(22, 30))
    )
    [change] = await trail(database, f"person:{OWEN}")
    assert change.after == {"quiet_hours": "23:00-06:30", "digest": "22:30"}


async def test_a_word_that_waits_moves_along(workspace: Workspace, database: Database):
    await moved_in(database)
    owen = workspace.user(OWEN)
    await workspace.usage(spent("search-ranking", "200", EVENING))
    assert await workspace.messages(OWEN) == []

    await owen.types("/budget settings")
    await owen.submits(quiet="none")

    assert len(await workspace.messages(OWEN)) == 1


async def test_what_is_wrong_stands_beside_its_field_and_nothing_is_kept(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    owen = workspace.user(OWEN)

    await owen.types("/budget settings")
    told = await owen.submits(quiet="own", quiet_from="22:00", quiet_to="22:00")
    forged = await owen.forges(quiet="own", quiet_from="99:99", digest="own", digest_at="soon")

    assert set(told["errors"]) == {"quiet_to"}
    assert set(forged["errors"]) >= {"quiet_from", "digest_at"}
    assert await kept(database) == Preferences()


async def test_the_form_says_whose_clock_counts_and_who_sets_everybodys(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    owen = workspace.user(OWEN)

    await owen.types("/budget settings")

    shown = str(await owen.form())
    assert "Europe/Berlin" in shown
    assert "20:00 to 07:00" in shown
    assert "<@U0SAM> changes them" in shown


@pytest.mark.parametrize("kind", ["drop", "500"])
async def test_a_line_that_breaks_while_slack_is_asked_is_said(
    workspace: Workspace, database: Database, kind
):
    await moved_in(database)
    await workspace.faults(method="users.info", kind=kind, times=5)

    told = await workspace.user(OWEN).types("/budget settings")

    assert "Slack does not say who you are right now" in told
