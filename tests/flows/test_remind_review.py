import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.changes import BOT
from bot.delegations import Absence, Delegation
from bot.review_decisions import Keep, Unreviewed
from bot.reviews import ReviewClosed, Said
from bot.workflows import Status
from handlers.flows.answer_review import answer_review
from handlers.flows.open_review import open_due_reviews
from handlers.flows.remind_review import remind_reviews
from handlers.flows.show_workflow import show_workflow
from tests.builders import (
    ANA,
    FIN,
    MIA,
    MONDAY,
    OWEN,
    SAM,
    a_team,
    a_workflow,
    an_organisation,
)
from tests.outbox import said

ORGANISATION = an_organisation()
SEARCH = "C0SEARCH"
RANKING, DOCS = "search-ranking", "search-docs"
DAY = timedelta(days=1)


@pytest.fixture
async def thread(database):
    """Opened on Monday at 10:00 in Berlin: two workflows of Owen's, one of Mia's."""
    async with database.ledger() as ledger:
        await ledger.organisation.save(ORGANISATION)
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow())
        await ledger.workflows.add(a_workflow(key=DOCS, name="Search docs"))
        await ledger.workflows.add(a_workflow(key="search-sales", owner=MIA, backup=None))
        await open_due_reviews(ledger, ORGANISATION, MONDAY)
    return database


async def remind(database, now, organisation=ORGANISATION):
    async with database.ledger() as ledger:
        await remind_reviews(ledger, organisation, now)


async def open_next(database, now):
    async with database.ledger() as ledger:
        await open_due_reviews(ledger, ORGANISATION, now)


async def keep(database, workflow=RANKING, now=MONDAY, by=OWEN):
    async with database.ledger() as ledger:
        notice = (await ledger.reviews.latest("search")).notice
        await answer_review(notice, Said(workflow, Keep(), by), ledger, ORGANISATION, now)


async def first(database):
    """The review of the first Monday."""
    async with database.reading() as ledger:
        parent = (await said(database, to=SEARCH))[0].key
        return await ledger.reviews.find(parent)


async def told(database, person):
    return [one.text for one in await said(database, to=person)]


async def test_each_owner_is_reminded_once_of_all_they_have_not_decided(thread):
    await keep(thread, DOCS)

    await remind(thread, MONDAY + DAY - timedelta(seconds=1))
    assert await told(thread, OWEN) == []
    await asyncio.gather(*(remind(thread, MONDAY + DAY) for _ in range(3)))

    [to_owen] = await told(thread, OWEN)
    assert "waits for your answer on `search-ranking`." in to_owen
    assert "in its thread in <#C0SEARCH>" in to_owen
    [to_mia] = await told(thread, MIA)
    assert "`search-sales`" in to_mia


async def test_the_backup_is_reminded_beside_an_owner_who_is_away(thread):
    away = Absence(OWEN, MONDAY, MONDAY + 7 * DAY)

    await remind(thread, MONDAY + DAY, replace(ORGANISATION, absences=(away,)))

    assert "`search-docs`, `search-ranking`" in (await told(thread, OWEN))[0]
    [to_mia] = await told(thread, MIA)
    assert "`search-docs`, `search-ranking`, `search-sales`" in to_mia


async def test_what_was_missed_meanwhile_is_said_once(thread):
    await remind(thread, MONDAY + 2 * DAY)
    await remind(thread, MONDAY + 2 * DAY + timedelta(hours=1))

    assert len(await told(thread, OWEN)) == 1


async def test_after_the_reminders_the_approver_is_asked_in_the_thread_and_by_dm(thread):
    for days in (1, 2, 3, 4):
        await remind(thread, MONDAY + days * DAY)

    assert len(await told(thread, OWEN)) == 2
    [to_ana] = await told(thread, ANA)
    assert "nobody has answered for `search-docs`, `search-ranking`, `search-sales`" in to_ana
    assert "Owners: <@U0OWEN>, <@U0MIA>" in to_ana
    in_thread = [one for one in await told(thread, SEARCH) if one.startswith("Still undecided")]
    assert len(in_thread) == 1
    assert f"<@{ANA}> may decide now" in in_thread[0]


async def test_whoever_stands_in_for_the_approver_is_asked_too(thread):
    stands_in = Delegation("d-1", ANA, "U0EVE", MONDAY, MONDAY + 7 * DAY, "Away.")

    await remind(thread, MONDAY + 3 * DAY, replace(ORGANISATION, delegations=(stands_in,)))

    assert len(await told(thread, ANA)) == len(await told(thread, "U0EVE")) == 1


@pytest.mark.parametrize(
    ("finance", "asked"), [((FIN,), FIN), ((), SAM)], ids=["finance", "else admins"]
)
async def test_without_an_approver_finance_is_asked(thread, finance, asked):
    async with thread.ledger() as ledger:
        await ledger.teams.save(a_team(approver=None))

    await remind(thread, MONDAY + 3 * DAY, replace(ORGANISATION, finance=finance))

    assert [one for one in (FIN, SAM) if await told(thread, one)] == [asked]


async def test_nobody_is_reminded_of_what_is_retired_meanwhile_or_of_a_closed_review(thread):
    async with thread.ledger() as ledger:
        for key in (RANKING, DOCS):
            workflow = await ledger.workflows.get(key)
            await ledger.workflows.save(replace(workflow, status=Status.RETIRED))

    await remind(thread, MONDAY + DAY)
    assert await told(thread, OWEN) == []
    await keep(thread, "search-sales", by=MIA)
    await open_next(thread, MONDAY + 7 * DAY)
    await remind(thread, MONDAY + 7 * DAY)

    assert len(await told(thread, MIA)) == 1


async def test_what_nobody_decides_is_kept_unreviewed_counted_and_never_retired(thread):
    await keep(thread, DOCS)

    await open_next(thread, MONDAY + 7 * DAY)

    async with thread.reading() as ledger:
        trail = await ledger.changes.of(RANKING)
        status = (await ledger.workflows.get(RANKING)).status
    former = await first(thread)
    ranking = former.item(RANKING)
    assert (ranking.decided.decision, ranking.decided.by) == (Unreviewed(), BOT)
    assert (former.decided, status) == (1, Status.ACTIVE)
    assert (trail[0].actor, trail[0].what) == (BOT, "kept, unreviewed")
    [closing] = [one for one in await told(thread, SEARCH) if "this review is closed" in one]
    assert "1 of 3 decided" in closing
    assert "1 kept, 2 kept unreviewed" in closing


async def test_a_closed_review_stays_closed_also_for_what_nobody_decided(thread):
    await open_next(thread, MONDAY + 7 * DAY)

    former, late = await first(thread), MONDAY + 7 * DAY
    async with thread.ledger() as ledger:
        with pytest.raises(ReviewClosed, match="This review is closed"):
            spoken = Said(RANKING, Keep(), SAM)
            await answer_review(former.notice, spoken, ledger, ORGANISATION, late)


async def test_the_next_reviews_say_for_how_long_nobody_looked(thread):
    for weeks in (1, 2, 3):
        await open_next(thread, MONDAY + weeks * 7 * DAY)

    mine = [one.text for one in await said(thread, to=SEARCH) if one.key.endswith(f":{RANKING}")]
    assert [("Unreviewed" in one or "unreviewed" in one) for one in mine] == [False, *[True] * 3]
    assert "Unreviewed last week" in mine[1]
    assert "Unreviewed three weeks running" in mine[3]


async def test_kept_again_and_again_without_an_outcome_is_said(thread):
    for week in range(5):
        await keep(thread, now=MONDAY + week * 7 * DAY)
        await open_next(thread, MONDAY + (week + 1) * 7 * DAY)

    text = [one.text for one in await said(thread, to=SEARCH) if one.key.endswith(f":{RANKING}")]
    assert "Kept five weeks without an outcome" in text[-1]
    assert "Unreviewed" not in text[-1]


async def test_the_parent_says_when_somebody_is_reminded(thread):
    text = (await told(thread, SEARCH))[0]

    assert "Owners are reminded Tue 24 Nov 10:00 CET and Wed 25 Nov 10:00 CET" in text
    assert "the approver is asked Thu 26 Nov 10:00 CET" in text
    assert "silence retires nothing" in text


async def test_the_contract_says_for_how_long_nobody_looked(thread):
    for weeks in (1, 2, 3):
        await open_next(thread, MONDAY + weeks * 7 * DAY)

    async with thread.reading() as ledger:
        now = MONDAY + 21 * DAY
        waiting = await show_workflow(
            RANKING, by=OWEN, ledger=ledger, organisation=ORGANISATION, now=now
        )
    await keep(thread, now=MONDAY + 21 * DAY)
    async with thread.reading() as ledger:
        kept = await show_workflow(
            RANKING, by=OWEN, ledger=ledger, organisation=ORGANISATION, now=now
        )

    shown = str(waiting.blocks)
    assert "waits for an answer; unreviewed three weeks running." in shown
    assert "Mon 14 Dec 10:00 CET: kept; kept four weeks without an outcome." in str(kept.blocks)
