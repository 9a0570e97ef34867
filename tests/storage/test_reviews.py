import asyncio
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.periods import CapKind, Period
from bot.requests import State
from bot.review_decisions import Cap, Choice, Decided, Keep, Reroute, Retire
from bot.review_figures import Extra
from bot.workflows import Tier
from storage.tables import ReviewItemRow
from tests.builders import (
    ANA,
    MONDAY,
    OWEN,
    a_review,
    a_review_item,
    a_team,
    a_workflow,
    some_figures,
)

WEEK = timedelta(days=7)


@pytest.fixture
async def registry(database):
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow())
    return database


async def add(database, review):
    async with database.ledger() as ledger:
        return await ledger.reviews.add(review)


async def find(database, notice=None):
    async with database.reading() as ledger:
        return await ledger.reviews.find(notice or a_review().notice)


async def decide(database, decided, version=1):
    async with database.ledger() as ledger:
        item = a_review_item(decided=decided, version=version)
        return await ledger.reviews.decide(a_review(), item)


def a_week_later(**named):
    week = a_review().week
    later = Period(CapKind.WEEKLY, week.start + WEEK, week.end + WEEK)
    return a_review(week=later, notice="review:search:later", **named)


async def test_a_review_returns_as_it_was_kept(registry):
    figures = some_figures(
        overrides=(Extra(CapKind.WEEKLY, Decimal("0.1"), MONDAY),), late=Decimal("0.000000001")
    )
    review = a_review(items=(a_review_item(figures=figures),))

    await add(registry, review)

    assert await find(registry) == review


async def test_items_keep_their_order(registry):
    items = tuple(a_review_item(workflow=key, notice=f"n:{key}") for key in ("z", "a", "m"))

    await add(registry, a_review(items=items))

    assert [item.workflow for item in (await find(registry)).items] == ["z", "a", "m"]


async def test_one_of_five_at_once_opens_it(registry):
    opened = await asyncio.gather(*(add(registry, a_review()) for _ in range(5)))

    assert sorted(opened) == [False, False, False, False, True]


@pytest.mark.parametrize(
    "decision",
    [
        Keep(),
        Keep(Choice.RETIRE),
        Cap(CapKind.MONTHLY, Decimal("400.000000001"), Decimal(900), "r-1", (ANA, "U0FIN")),
        Cap(CapKind.WEEKLY, Decimal(80)),
        Reroute(Tier.CHEAP, Tier.STANDARD),
        Retire(date(2026, 11, 30)),
    ],
)
async def test_an_answer_returns_as_it_was_given(registry, decision):
    await add(registry, a_review())
    asked = (Cap(CapKind.DAILY, Decimal("0.1"), Decimal(0), "r-2", (), State.DENIED, "No."),)
    given = Decided(decision, OWEN, MONDAY, a_workflow().caps, Tier.CHEAP, asked)

    await decide(registry, given)

    (item,) = (await find(registry)).items
    assert (item.decided, item.version) == (given, 2)


async def test_an_answer_over_an_older_version_is_not_saved(registry):
    await add(registry, a_review())
    await decide(registry, Decided(Keep(), ANA, MONDAY))

    assert await decide(registry, Decided(Reroute(Tier.CHEAP), OWEN, MONDAY)) is None
    assert (await find(registry)).items[0].decided.by == ANA


async def test_a_review_is_closed_once(registry):
    await add(registry, a_review())

    async with registry.ledger() as ledger:
        assert await ledger.reviews.close(a_review(), MONDAY)
        assert not await ledger.reviews.close(a_review(), MONDAY)
    assert (await find(registry)).closed_at == MONDAY


async def test_only_earlier_open_threads_are_to_be_closed(registry):
    await add(registry, a_review())
    await add(registry, a_week_later(items=()))

    async with registry.ledger() as ledger:
        assert await ledger.reviews.open_before("search", a_week_later().week.start) == (
            a_review(),
        )
        assert await ledger.reviews.open_before("search", a_review().week.start) == ()


async def test_progress_says_how_far_each_team_has_come(registry):
    async with registry.ledger() as ledger:
        await ledger.teams.save(a_team(key="idle", name="Idle"))
    await add(registry, a_review())
    await add(registry, a_week_later(items=()))

    async with registry.reading() as ledger:
        idle, search = await ledger.reviews.progress()
    assert (idle.through, idle.active_since) == (None, None)
    assert search.through == a_week_later().week.end
    assert search.active_since == a_workflow().activated_at


async def test_the_last_review_tells_what_late_money_was_told_of(registry):
    told = some_figures(late_through=Decimal(5))
    await add(registry, a_review(items=(a_review_item(figures=told),)))
    more = replace(told, late_through=Decimal(12))
    await add(registry, a_week_later(items=(a_review_item(figures=more),)))

    async with registry.reading() as ledger:
        past = await ledger.reviews.past(["search-ranking", "else"])
        assert {key: one.late_through for key, one in past.items()} == {"search-ranking": 12}


async def test_an_attempt_that_fails_leaves_the_rest_of_the_ledger(registry):
    async with registry.ledger() as ledger:
        await ledger.reviews.add(a_review())
        with pytest.raises(ValueError, match="no"):
            async with ledger.attempt():
                await ledger.reviews.close(a_review(), MONDAY)
                raise ValueError("no")

    assert (await find(registry)).closed_at is None


async def test_figures_of_an_older_release_are_still_read(registry):
    await add(registry, a_review())
    async with registry.ledger() as ledger:
        plain = (await ledger.reviews.latest("search")).items[0].figures
    added = {
        *("weeks", "idle", "month", "forecast", "explanations", "came", "outcome_at"),
        *("requests", "running", "recommendation"),
    }
    async with AsyncSession(registry.engine) as session, session.begin():
        row = (await session.exec(select(ReviewItemRow))).one()
        row.figures = {name: value for name, value in row.figures.items() if name not in added}

    async with registry.reading() as ledger:
        assert (await ledger.reviews.latest("search")).items[0].figures == plain


async def test_what_is_undecided_is_one_question(registry):
    await add(registry, a_review())

    async with registry.reading() as ledger:
        assert await ledger.reviews.undecided() == (("C0SEARCH", "search-ranking"),)


async def test_nothing_waits_in_a_closed_review(registry):
    await add(registry, a_review(closed_at=MONDAY))

    async with registry.reading() as ledger:
        assert await ledger.reviews.undecided() == ()
