import asyncio
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.periods import CapKind
from bot.review_decisions import Cap, Keep, Reroute
from bot.reviews import Said
from bot.workflows import Caps, Tier
from handlers.flows.answer_review import answer_review
from handlers.flows.open_review import open_due_reviews
from handlers.flows.report_months import report_months
from tests.builders import FIN, MONDAY, OWEN, SAM, a_team, a_workflow, an_organisation
from tests.outbox import said
from tests.spending import spend

ORGANISATION = an_organisation()
SEARCH = "C0SEARCH"
RANKING, DOCS = "search-ranking", "search-docs"
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
# The last review of November, and the first of December.
LAST, FIRST = MONDAY + WEEK, MONDAY + 2 * WEEK


@pytest.fixture
async def spending(database):
    """Ranking has spent ten dollars a day in November."""
    ranking, docs = a_workflow(), a_workflow(key=DOCS, caps=Caps(weekly=Decimal(50)))
    async with database.ledger() as ledger:
        await ledger.organisation.save(ORGANISATION)
        await ledger.teams.save(a_team())
        for one in (ranking, docs):
            await ledger.workflows.add(one)
    for day in range(1, 23):
        await spend(database, ranking, "10", datetime(2026, 11, day, 12, tzinfo=UTC))
    return database


async def goes_on(database, usd):
    """So much a day until the end of November."""
    for day in range(23, 31):
        await spend(database, a_workflow(), usd, datetime(2026, 11, day, 12, tzinfo=UTC))


async def open_at(database, now):
    async with database.ledger() as ledger:
        return await open_due_reviews(ledger, ORGANISATION, now)


async def answer(database, decision, workflow=RANKING, now=MONDAY):
    async with database.ledger() as ledger:
        notice = (await ledger.reviews.latest("search")).notice
        await answer_review(notice, Said(workflow, decision, OWEN), ledger, ORGANISATION, now)


async def report(database, now, organisation=ORGANISATION):
    async with database.ledger() as ledger:
        await report_months(ledger, organisation, now)


async def texts(database, to=SEARCH):
    return [one.text for one in await said(database, to=to)]


async def test_the_first_review_of_a_month_asks_about_the_one_before(spending):
    await goes_on(spending, "2")
    for now in (MONDAY, LAST, FIRST, FIRST + WEEK):
        await open_at(spending, now)

    [asking] = [one for one in await texts(spending) if "is each still worth it?" in one]
    assert "week 30 Nov – 6 Dec 2026" in asking
    assert "*November*: $236.00 of $900.00 (1 had no monthly cap in force)" in asking
    assert asking.count("Data through Mon 30 Nov 13:00 CET (test).") == 1
    replies = [one for one in await texts(spending) if "November: $236.00 of $900.00" in one]
    assert len(replies) == 1
    assert "December so far" in replies[0]


async def test_under_it_stands_what_the_reviews_of_the_month_came_to(spending):
    await open_at(spending, MONDAY)
    await answer(spending, Cap(CapKind.WEEKLY, Decimal(20)))
    await goes_on(spending, "2")
    await open_at(spending, LAST)
    await answer(spending, Keep(), now=LAST)

    await open_at(spending, FIRST)

    [rolled] = [one for one in await texts(spending) if one.startswith("*The reviews of November")]
    assert "1 kept, 1 capped, 2 kept unreviewed" in rolled
    # Near $300 was forecast when it was capped; $236 it was.
    saved = re.search(r"Saved: \$([0-9.]+) against the forecast \(1 answer\)", rolled)
    assert saved
    assert 40 < Decimal(saved[1]) < 80


async def test_a_saving_that_nothing_tells_is_not_known_and_a_loss_is_said(spending):
    await open_at(spending, MONDAY)
    await answer(spending, Reroute(Tier.CHEAP), DOCS)
    await answer(spending, Reroute(Tier.CHEAP))
    await goes_on(spending, "60")

    await open_at(spending, FIRST)

    [rolled] = [one for one in await texts(spending) if one.startswith("*The reviews of November")]
    assert "2 rerouted" in rolled
    assert "Saved: nothing; $4" in rolled
    assert "more than was forecast (1 answer, 1 not known)" in rolled


async def test_finance_hears_of_all_teams_once_a_month(spending):
    await open_at(spending, MONDAY)
    await answer(spending, Keep())
    await open_at(spending, LAST)

    await report(spending, datetime(2026, 12, 15, 7, 59, tzinfo=UTC))
    assert await texts(spending, FIN) == []
    for _ in range(2):
        due = datetime(2026, 12, 15, 8, tzinfo=UTC)
        await asyncio.gather(*(report(spending, due) for _ in range(3)))

    [told] = await texts(spending, FIN)
    assert told.startswith("*The weekly reviews of November 2026, all teams*: 1 kept")
    assert "• Search: 1 kept" in told
    assert SAM not in told
    assert OWEN not in told


async def test_without_finance_the_admins_channel_hears_it(spending):
    await open_at(spending, MONDAY)

    await report(spending, datetime(2026, 12, 15, 8, tzinfo=UTC), an_organisation(finance=()))

    assert len(await texts(spending, "C0OPS")) == 1


async def test_where_nothing_was_reviewed_nothing_is_said(database):
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team())

    await open_at(database, FIRST)
    await report(database, datetime(2026, 12, 15, 8, tzinfo=UTC))

    assert await texts(database, FIN) == []
    assert not any("The reviews of" in one for one in await texts(database))


async def test_a_cap_that_was_lowered_and_then_kept_stays_lowered_and_counts(spending):
    await open_at(spending, MONDAY)
    await answer(spending, Cap(CapKind.WEEKLY, Decimal(110)))
    await answer(spending, Keep(), now=MONDAY + timedelta(minutes=5))
    await goes_on(spending, "2")
    await open_at(spending, LAST)
    await open_at(spending, FIRST)
    await report(spending, FIRST)

    edits = [one.text for one in await said(spending, act="update")]
    stays = "The weekly cap lowered from $250.00 to $110.00 stays: going up is asked for with"
    assert any("Kept by" in one and stays in one for one in edits)
    [rolled] = [one for one in await texts(spending) if "The reviews of November" in one]
    assert "1 answer" in rolled
    assert "nothing was lowered" not in rolled
