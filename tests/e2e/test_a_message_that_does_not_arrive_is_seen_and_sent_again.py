from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.workflows import Status
from storage.database import Database
from tests.builders import ANA, MIA, MONDAY, OWEN, SAM, a_workflow
from tests.e2e.conftest import NO_REVIEW, moved_in
from tests.e2e.people import Workspace, spent
from tests.outbox import said
from tests.registry import trail

LEA = "U0LEA"
ALERT = "search-ranking"
# Money that burns is announced beside a threshold; here it is about one message at a time.
QUIET = replace(NO_REVIEW, anomaly_over=Decimal(100_000))

pytestmark = pytest.mark.usefixtures("clock")


async def archived(workspace, **named):
    await workspace.ask("channel", id="C0SEARCH", **{"archive": True, **named})


async def presses(workspace, user, key):
    """*Send again*, on a message that is there for certain."""
    answer = await workspace.see("messages", channel="C0OPS")
    ts = answer[-1]["ts"]
    return await workspace.user(user).clicks_on(
        "C0OPS", ts, action_id="delivery.again", value=key, forge=True
    )


async def hired(workspace, user=LEA):
    await workspace.ask("user", id=user, name=user.lower())


async def set_aside(database):
    return [row.key for row in await said(database, to="C0SEARCH") if row.state == "set_aside"]


async def test_a_test_alert_goes_where_a_real_one_would_and_counts_for_nothing(
    workspace: Workspace, database: Database
):
    await moved_in(database, policy=QUIET)
    await workspace.usage(spent(ALERT, "100", MONDAY))

    told = await workspace.user(OWEN).types("/budget test-alert search-ranking")

    [alert], [word] = await workspace.texts("C0SEARCH"), await workspace.texts(OWEN)
    assert "<#C0SEARCH>" in told
    assert "*Test alert*, asked for by <@U0OWEN>. It counts for nothing" in alert
    assert "$100.00 of $250.00" in alert
    assert "*Test alert*" in word
    async with database.reading() as ledger:
        assert await ledger.alerts.running([ALERT], MONDAY) == ()


async def test_a_test_alert_is_sent_once_a_minute(workspace: Workspace, database: Database, clock):
    await moved_in(database, policy=QUIET)
    owen = workspace.user(OWEN)
    await owen.types("/budget test-alert search-ranking")

    again = await owen.types("/budget test-alert search-ranking")
    clock.tick(timedelta(minutes=1))
    later = await owen.types("/budget test-alert search-ranking")

    assert "this minute already" in again
    assert "on its way" in later
    assert len(await workspace.texts("C0SEARCH")) == 2


@pytest.mark.parametrize("user", [OWEN, MIA, ANA, SAM])
async def test_who_answers_for_it_may_test(workspace: Workspace, database: Database, user):
    await moved_in(database, policy=QUIET)

    assert "on its way" in await workspace.user(user).types("/budget test-alert search-ranking")


async def test_others_may_not_test_nor_look(workspace: Workspace, database: Database):
    await moved_in(database, policy=QUIET)
    await hired(workspace)
    lea = workspace.user(LEA)

    assert "may send a test alert" in await lea.types("/budget test-alert search-ranking")
    assert "may see the deliveries" in await lea.types("/budget deliveries search-ranking")
    assert "no delivery is yours" in await lea.types("/budget deliveries")
    assert await workspace.messages("C0SEARCH") == []


async def test_a_proposed_workflow_is_tested_as_if_it_were_active(
    workspace: Workspace, database: Database
):
    proposed = a_workflow(status=Status.PROPOSED, activated_at=None)
    await moved_in(database, proposed, policy=QUIET)

    await workspace.user(OWEN).types("/budget test-alert search-ranking")

    assert "is proposed: while it is" in await workspace.last_text("C0SEARCH")


async def test_wrong_words_are_answered_with_what_to_type(workspace: Workspace, database: Database):
    await moved_in(database, policy=QUIET)
    owen = workspace.user(OWEN)

    assert "Did you mean `search-ranking`?" in await owen.types("/budget test-alert search-rankin")
    assert "Did you mean `search-ranking`?" in await owen.types("/budget deliveries search-rankin")


async def test_what_was_refused_is_listed_with_its_reason_and_sent_again(
    workspace: Workspace, database: Database
):
    await moved_in(database, policy=QUIET)
    await archived(workspace)
    await workspace.usage(spent(ALERT, "200", MONDAY))
    await workspace.settle()
    [key] = await set_aside(database)
    owen = workspace.user(OWEN)

    listed = await owen.types("/budget deliveries search-ranking")
    await archived(workspace, archive=False)
    answer = await presses(workspace, OWEN, key)
    again = await presses(workspace, OWEN, key)

    assert "1 set aside" in listed
    assert "The channel is archived" in listed
    assert "<#C0SEARCH> again" in answer
    assert "on its way already" in again
    [alert] = await workspace.texts("C0SEARCH")
    assert "80 %" in alert
    assert "it could not be sent then" in alert
    assert "sent meanwhile" in await presses(workspace, OWEN, key)
    what = [change.what for change in await trail(database)]
    assert what.count("sent a message again") == 1


async def test_a_stranger_sends_nothing_again(workspace: Workspace, database: Database):
    await moved_in(database, policy=QUIET)
    await archived(workspace)
    await workspace.usage(spent(ALERT, "200", MONDAY))
    await workspace.settle()
    [key] = await set_aside(database)
    await hired(workspace)

    await presses(workspace, LEA, key)
    unknown = await presses(workspace, SAM, "alert:nothing")

    assert "no delivery is yours" in await workspace.last_text(LEA)
    assert "not kept any more" in unknown
    assert await set_aside(database) == [key]


async def test_what_was_jumped_over_is_said(workspace: Workspace, database: Database):
    await moved_in(database, policy=QUIET)
    await workspace.usage(spent(ALERT, "240", MONDAY))

    listed = await workspace.user(OWEN).types("/budget deliveries search-ranking")

    assert "75 % of the weekly cap; the alert at 90 % said it" in listed


async def test_a_public_channel_is_joined_and_the_alert_arrives(
    workspace: Workspace, database: Database
):
    await moved_in(database, policy=QUIET)
    await workspace.ask("channel", id="C0SEARCH", kick_bot=True)

    await workspace.usage(spent(ALERT, "200", MONDAY))

    assert len(await workspace.texts("C0SEARCH")) == 1
    assert await set_aside(database) == []


async def test_for_a_private_channel_an_admin_is_asked_and_the_owner_told(
    workspace: Workspace, database: Database
):
    await moved_in(database, policy=QUIET)
    await workspace.ask("channel", id="C0SEARCH", kick_bot=True, is_private=True)
    await workspace.usage(spent(ALERT, "200", MONDAY))
    await workspace.settle()

    [asked] = await workspace.texts(SAM)
    alert, word = await workspace.texts(OWEN)
    assert "open <#C0SEARCH> and type `/invite @budget-bot`" in asked
    assert "80 %" in alert
    assert "did not reach <#C0SEARCH>: nobody has read it there" in word
    assert "An admin was asked to invite the bot" in word

    await workspace.ask("channel", id="C0SEARCH", invite_bot=True)
    await workspace.user(SAM).clicks("Send again", SAM)
    assert "80 %" in await workspace.last_text("C0SEARCH")


async def test_of_an_archived_channel_the_admin_channel_and_the_owner_hear(
    workspace: Workspace, database: Database
):
    await moved_in(database, policy=QUIET)
    await archived(workspace)
    await workspace.usage(spent(ALERT, "200", MONDAY))
    await workspace.settle()

    [told] = await workspace.texts("C0OPS")
    _, word = await workspace.texts(OWEN)
    assert "The channel is archived" in told
    assert "`/budget edit search-ranking` gives it another channel" in told
    assert "did not reach <#C0SEARCH>" in word
    assert await workspace.texts(SAM) == []


async def test_one_broken_channel_is_one_word_a_day(workspace: Workspace, database: Database):
    await moved_in(database, policy=QUIET)
    await archived(workspace)
    await workspace.usage(spent(ALERT, "200", MONDAY))
    await workspace.settle()
    await workspace.usage(spent(ALERT, "60", MONDAY))
    await workspace.settle()

    assert len(await workspace.texts("C0OPS")) == 1
    words = [text for text in await workspace.texts(OWEN) if "did not reach" in text]
    assert len(words) == 1
