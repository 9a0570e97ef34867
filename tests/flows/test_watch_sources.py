from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest

from bot.freshness import Ailment
from bot.pulls import Pull, failed, succeeded
from bot.sources import Kind, Lane, SourceSetting
from bot.usage import SentUsage, read_usage
from bot.workflows import Status
from handlers.flows.watch_sources import watch_sources
from tests.builders import MONDAY, SAM, a_team, a_workflow, an_organisation
from tests.outbox import said

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ADMINS = "C0OPS"
VENDOR = "openai"


async def begin(database, *workflows, organisation=None):
    async with database.ledger() as ledger:
        await ledger.organisation.save(organisation or an_organisation())
        await ledger.teams.save(a_team())
        for workflow in workflows or (a_workflow(),):
            await ledger.workflows.add(workflow)


async def arrives(ledger, at, *, workflow="search-ranking", sender="gateway", kind=Kind.API):
    sent = SentUsage(
        id=f"{workflow}-{at.isoformat()}", at=at, workflow=workflow, model="gpt-5", cost=Decimal(1)
    )
    usage = read_usage(sent, sender, at)
    await ledger.usage.record([of_kind(usage, kind)], at)


def of_kind(usage, kind):
    return msgspec.structs.replace(usage, kind=kind)


async def daily(database, last, weeks=4, **named):
    """Once a day, up to and with `last`."""
    async with database.ledger() as ledger:
        for day in reversed(range(weeks * 7)):
            await arrives(ledger, last - day * DAY, **named)


async def look(database, now, organisation=None):
    """All looks of the five minutes each before, as the clock does them."""
    async with database.ledger() as ledger:
        known = organisation or await ledger.organisation.get((SAM,))
        await watch_sources(ledger, known, now)


async def watched(database, now):
    """Somebody has been looking since long before."""
    for before in (timedelta(hours=2), timedelta(minutes=10)):
        async with database.ledger() as ledger:
            await ledger.jobs.once_in("sources", now - before, now)
            if before > HOUR:
                await ledger.jobs.once_in("sources-since", now - before, now)


async def watching(database, now, organisation=None):
    await watched(database, now)
    await look(database, now, organisation)


async def test_a_source_that_misses_its_hour_is_said_once_with_the_budgets_that_may_be_low(
    database,
):
    await begin(database)
    await daily(database, MONDAY)

    await watching(database, MONDAY + DAY)
    assert await said(database) == []

    await watching(database, MONDAY + DAY + 2 * HOUR)
    await watching(database, MONDAY + DAY + 3 * HOUR)
    (alarm,) = await said(database, to=ADMINS)
    assert "*gateway* is silent since" in alarm.text
    assert "nothing for 26 hours" in alarm.text
    assert "• *Search ranking* (`search-ranking`)" in alarm.text


async def test_when_it_is_heard_again_the_message_says_so_and_the_next_silence_is_said_again(
    database,
):
    await begin(database)
    await daily(database, MONDAY)
    await watching(database, MONDAY + DAY + 2 * HOUR)
    heard = MONDAY + DAY + 5 * HOUR
    async with database.ledger() as ledger:
        await arrives(ledger, heard)

    await watching(database, heard + HOUR)
    (edit,) = await said(database, act="update")
    assert "*gateway*: heard again <!date^1795528800" in edit.text

    await watching(database, heard + 4 * DAY)
    assert len(await said(database, to=ADMINS)) == 2


async def test_looks_of_several_replicas_and_after_a_restart_say_it_once(database):
    await begin(database)
    await daily(database, MONDAY)
    now = MONDAY + DAY + 2 * HOUR

    await watching(database, now)
    for _ in range(3):
        await look(database, now)
        await look(database, now + timedelta(minutes=20))

    assert len(await said(database)) == 1


async def test_while_the_bot_was_down_nobody_was_silent(database):
    await begin(database)
    await daily(database, MONDAY)
    await watched(database, MONDAY)
    back = MONDAY + DAY + 6 * HOUR

    await look(database, back)
    assert await said(database) == []

    for minutes in range(5, 65, 5):
        await look(database, back + timedelta(minutes=minutes))
    assert len(await said(database)) == 1


async def test_without_an_admin_channel_each_admin_hears_it(database):
    organisation = an_organisation(admin_channel=None, admins=(SAM, "U0KIM"))
    await begin(database)
    await daily(database, MONDAY)

    await watching(database, MONDAY + DAY + 2 * HOUR, organisation)

    assert [one.channel for one in await said(database)] == [SAM, "U0KIM"]


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        (Kind.MANUAL, ()),
        (Kind.FILE, ()),
        (Kind.API, (SourceSetting("gateway", Lane.INFORMATION),)),
    ],
)
async def test_what_nobody_waits_for_alarms_nobody(database, kind, settings):
    await begin(database, organisation=an_organisation(sources=settings))
    async with database.ledger() as ledger:
        await arrives(ledger, MONDAY, kind=kind)

    await watching(database, MONDAY + 30 * DAY)

    assert await said(database) == []


async def test_only_active_workflows_are_named_and_at_most_ten(database):
    stopped = a_workflow(key="old", name="Old", status=Status.PAUSED)
    many = [a_workflow(key=f"w-{n:02}", name=f"Bot {n}") for n in range(13)]
    await begin(database, stopped, *many)
    async with database.ledger() as ledger:
        for one in (stopped, *many):
            await arrives(ledger, MONDAY, workflow=one.key)

    await watching(database, MONDAY + 10 * DAY)

    (alarm,) = await said(database)
    assert alarm.text.count("• ") == 10
    assert "and 3 more" in alarm.text
    assert "Old" not in alarm.text


async def pulls(database, pull):
    async with database.ledger() as ledger:
        await ledger.pulls.claim(pull.source, MONDAY, MONDAY)
        await ledger.pulls.save(pull)
        row = of_kind(
            read_usage(
                SentUsage(id="c", at=MONDAY, workflow="search-ranking", cost=Decimal(1)),
                VENDOR,
                MONDAY,
            ),
            Kind.GATEWAY,
        )
        await ledger.usage.record([row], MONDAY)


async def test_a_source_that_fails_again_and_again_is_said_with_its_last_error(database):
    await begin(database)
    pull = succeeded(Pull(VENDOR, MONDAY, MONDAY), MONDAY, HOUR)
    for _ in range(2):
        pull = failed(pull, "It refused the key <!channel>: 401.", MONDAY + HOUR, HOUR)
    await pulls(database, pull)

    await watching(database, MONDAY + 2 * HOUR)
    assert await said(database) == []

    await pulls(database, failed(pull, "It refused the key <!channel>: 401.", MONDAY, HOUR))
    await watching(database, MONDAY + 3 * HOUR)
    (alarm,) = await said(database)
    assert "*openai* fails: 3 pulls in a row" in alarm.text
    assert "Last error: It refused the key &lt;!channel&gt;: 401." in alarm.text
    assert "`budget-bot source test openai`" in alarm.text

    late = succeeded(replace(pull, through=MONDAY + 3 * HOUR), MONDAY + 4 * HOUR, HOUR)
    await pulls(database, late)
    await watching(database, MONDAY + 5 * HOUR)
    assert "heard again" in (await said(database, act="update"))[0].text


async def test_a_source_that_answers_and_tells_nothing_new_is_late(database):
    await begin(database)
    await pulls(database, succeeded(Pull(VENDOR, MONDAY, MONDAY), MONDAY + 30 * HOUR, HOUR))

    await watching(database, MONDAY + 30 * HOUR)

    (alarm,) = await said(database)
    assert "*openai* is late" in alarm.text


async def test_a_figure_is_marked_with_the_sources_that_feed_it(database):
    await begin(database)
    await daily(database, MONDAY)
    await watching(database, MONDAY + DAY + 2 * HOUR)

    async with database.reading() as ledger:
        feeds = await ledger.freshness.feeds(["search-ranking", "other"], MONDAY + DAY)

    (feed,) = feeds["search-ranking"]
    assert (feed.source, feed.through, feed.trouble) == ("gateway", MONDAY, Ailment.SILENT)
    assert "other" not in feeds


async def test_a_source_that_never_answered_is_said_too(database):
    await begin(database)
    pull = Pull("bill/openai", MONDAY)
    for _ in range(3):
        pull = failed(pull, "It refused the key.", MONDAY, HOUR)
    async with database.ledger() as ledger:
        await ledger.pulls.claim("bill/openai", MONDAY, MONDAY)
        await ledger.pulls.save(pull)

    await watching(database, MONDAY + HOUR)

    (alarm,) = await said(database, to=ADMINS)
    assert "*bill/openai* fails: 3 pulls in a row. It never succeeded yet." in alarm.text
