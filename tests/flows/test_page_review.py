"""A thread of more replies than a channel takes at once."""

import asyncio
import re
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.review_clock import PAGE
from bot.review_decisions import Keep
from bot.reviews import Said
from handlers.flows.answer_review import answer_review
from handlers.flows.open_review import open_due_reviews
from handlers.flows.page_review import page_reviews
from storage.tables import NoticeRow
from tests.builders import MONDAY, OWEN, a_team, a_workflow, an_organisation
from tests.outbox import said

ORGANISATION = an_organisation()
SEARCH = "C0SEARCH"
MANY = 3 * PAGE - 5
WEEK = timedelta(weeks=1)


@pytest.fixture
async def thread(database):
    async with database.ledger() as ledger:
        await ledger.organisation.save(ORGANISATION)
        await ledger.teams.save(a_team())
        for number in range(MANY):
            await ledger.workflows.add(a_workflow(key=f"w-{number:03d}", name=f"W {number}"))
    await opens(database, MONDAY)
    return database


async def opens(database, now):
    async with database.ledger() as ledger:
        await open_due_reviews(ledger, ORGANISATION, now)


async def turn(database, now=MONDAY):
    async with database.ledger() as ledger:
        await page_reviews(ledger, ORGANISATION, now)


async def all_is_sent(database):
    async with AsyncSession(database.engine) as session, session.begin():
        await session.exec(update(NoticeRow).values(state="sent"))


async def posts(database):
    """How often each reply was said."""
    return Counter(one.key for one in await said(database) if re.search(r":w-\d+$", one.key))


async def test_a_page_is_posted_at_a_time_as_the_channel_takes_them(thread):
    assert len(await posts(thread)) == PAGE
    await turn(thread)
    assert len(await posts(thread)) == PAGE

    for _ in range(5):
        await all_is_sent(thread)
        await asyncio.gather(*(turn(thread) for _ in range(3)))

    keys = await posts(thread)
    assert (len(keys), set(keys.values())) == (MANY, {1})


async def test_the_parent_says_how_long_it_takes_and_when_it_is_done(thread):
    parent = (await said(thread, to=SEARCH))[0]
    assert f"Posting {MANY} replies, about 2 minutes" in parent.text

    for _ in range(3):
        await all_is_sent(thread)
        await turn(thread)

    edits = [one for one in await said(thread, act="update") if one.target == parent.key]
    assert "Posting" not in edits[-1].text


async def test_an_answer_for_what_is_not_posted_yet_is_shown_when_it_is(thread):
    late = f"w-{MANY - 1:03d}"
    async with thread.ledger() as ledger:
        notice = (await ledger.reviews.latest("search")).notice
        await answer_review(notice, Said(late, Keep(), OWEN), ledger, ORGANISATION, MONDAY)

    for _ in range(3):
        await all_is_sent(thread)
        await turn(thread)

    [reply] = [one for one in await said(thread) if one.key.endswith(late)]
    assert f"Kept by <@{OWEN}>" in reply.text


async def test_a_closed_thread_loses_its_buttons_page_by_page_after_the_next_is_posted(thread):
    for _ in range(3):
        await all_is_sent(thread)
        await turn(thread)
    await opens(thread, MONDAY + WEEK)

    for _ in range(9):
        await all_is_sent(thread)
        await turn(thread, MONDAY + WEEK)

    edits = [one for one in await said(thread, act="update") if ":w-" in (one.target or "")]
    assert len({one.target for one in edits}) == MANY
    assert all("Kept, unreviewed" in one.text for one in edits)
    async with thread.reading() as ledger:
        assert await ledger.reviews.paged() == ()


async def test_many_answers_leave_one_edit_of_the_parent_waiting(thread):
    async with thread.reading() as ledger:
        notice = (await ledger.reviews.latest("search")).notice
    for number in range(12):
        async with thread.ledger() as ledger:
            spoken = Said(f"w-{number:03d}", Keep(), OWEN)
            await answer_review(notice, spoken, ledger, ORGANISATION, MONDAY)

    edits = [one for one in await said(thread, act="update") if one.target == notice]
    assert len(edits) == 1
    assert f"12 of {MANY} decided" in edits[0].text
