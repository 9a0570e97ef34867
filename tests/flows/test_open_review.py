import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.periods import BEGINNING, Calendar, CapKind
from bot.refusal import NotAllowed, Unknown
from bot.workflows import Caps, Status
from handlers.flows.open_review import Place, open_due_reviews, open_review
from storage.tables import PeriodTotalRow
from tests.builders import (
    ANA,
    MONDAY,
    OWEN,
    SAM,
    a_team,
    a_workflow,
    an_organisation,
    an_override,
)
from tests.outbox import said
from tests.spending import spend

ORGANISATION = an_organisation()
SEARCH = "C0SEARCH"
LAST_WEEK = MONDAY - timedelta(days=3)
WEEK_BEFORE = MONDAY - timedelta(days=10)
PARENT = "review:search:1763334000"


async def register(database, *workflows, team=None):
    async with database.ledger() as ledger:
        await ledger.teams.save(team or a_team())
        for workflow in workflows:
            await ledger.workflows.add(workflow)


async def tick(database, now=MONDAY):
    async with database.ledger() as ledger:
        return await open_due_reviews(ledger, ORGANISATION, now)


async def ask(database, words="", by=SAM, channel=SEARCH, now=MONDAY):
    async with database.ledger() as ledger:
        return await open_review(words, Place(by, channel), ledger, ORGANISATION, now)


async def test_a_thread_opens_with_a_reply_per_workflow(database):
    await register(database, a_workflow(), a_workflow(key="search-docs", name="Search docs"))

    await tick(database)

    parent, docs, ranking = await said(database, to=SEARCH)
    assert parent.text.startswith(
        "*Weekly review of Search* · week 16–22 Nov 2026 · 0 of 2 decided"
    )
    assert [docs.target, ranking.target] == [parent.key, parent.key]
    assert "*Search docs*" in docs.text
    assert ranking.text.count(f"<@{OWEN}>") == 1


async def test_the_reply_says_what_the_week_and_the_month_hold(database):
    workflow = a_workflow()
    await register(database, workflow)
    await spend(database, workflow, "100", WEEK_BEFORE)
    await spend(database, workflow, "112.40", LAST_WEEK)

    await tick(database)

    text = (await said(database, to=SEARCH))[1].text
    assert "Week: $112.40 of $250.00 (44 %), +12 % on the week before" in text
    assert "November so far: $212.40 of $900.00 (23 %)" in text
    assert "most on gpt-5: $112.40" in text


async def test_nothing_opens_before_the_hour(database):
    await register(database, a_workflow())

    assert await tick(database, datetime(2026, 11, 23, 7, 59, 59, tzinfo=UTC)) == ()
    (review,) = await tick(database, datetime(2026, 11, 23, 8, tzinfo=UTC))
    assert review.week.start == datetime(2026, 11, 15, 23, tzinfo=UTC)


async def test_a_thread_is_opened_once_whatever_restarts(database):
    await register(database, a_workflow())

    for hours in range(0, 160, 20):
        await tick(database, MONDAY + timedelta(hours=hours))

    assert len(await said(database, to=SEARCH)) == 2


async def test_clock_and_command_at_once_open_one_thread(database):
    await register(database, a_workflow())

    await asyncio.gather(*(tick(database) for _ in range(3)), *(ask(database) for _ in range(3)))

    assert len(await said(database, to=SEARCH)) == 2
