import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from bot.periods import BEGINNING, Calendar, WeekStart
from bot.policy import Policy, WeeklyMoment
from bot.refusal import NotAllowed, Refusal, Unknown
from bot.tiers import Tier, TierRule
from bot.usage import SentUsage, read_usage
from bot.workflows import Caps, Status
from handlers.flows.open_review import Place, open_due_reviews, open_review
from handlers.steps.save_workflow import save_workflow
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
from tests.spending import a_record, spend

ORGANISATION = an_organisation()
SEARCH = "C0SEARCH"
LAST_WEEK = MONDAY - timedelta(days=3)
WEEK_BEFORE = MONDAY - timedelta(days=10)
RANKING = "search-ranking"


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


async def test_it_says_how_much_of_the_week_went_to_premium_models(database):
    workflow = a_workflow(tier=Tier.PREMIUM)
    await register(database, workflow)
    async with database.ledger() as ledger:
        await ledger.organisation.save(
            replace(ORGANISATION, tiers=(TierRule(Tier.PREMIUM, "gpt-*"),))
        )
    await spend(database, workflow, "75", LAST_WEEK)
    await spend(database, workflow, "25", LAST_WEEK, model="nobody-knows")

    await tick(database)

    text = (await said(database, to=SEARCH))[1].text
    assert (
        "premium is its default tier, 75 % on premium models (25 % on models of no known tier), "
        "and no outcome is on record" in text
    )


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


async def test_teams_that_are_due_together_are_opened_one_after_the_other(database):
    for key in ("docs", "search"):
        mine = a_workflow(key=f"{key}-ranking", team=key)
        await register(database, mine, team=a_team(key=key, name=key, channel=f"C0{key.upper()}"))

    opened = [await tick(database, MONDAY + timedelta(seconds=5 * n)) for n in range(3)]

    assert [[one.team for one in each] for each in opened] == [["docs"], ["search"], []]


async def test_a_missed_monday_is_caught_up_once(database):
    await register(database, a_workflow())

    (review,) = await tick(database, MONDAY + timedelta(days=3))
    assert review.week.end == datetime(2026, 11, 22, 23, tzinfo=UTC)
    assert await tick(database, MONDAY + timedelta(days=4)) == ()


async def test_after_ten_missed_mondays_only_the_latest_is_caught_up(database):
    await register(database, a_workflow())
    await tick(database)

    (review,) = await tick(database, MONDAY + timedelta(weeks=10))
    assert review.week.end == datetime(2027, 1, 31, 23, tzinfo=UTC)
    assert await tick(database, MONDAY + timedelta(weeks=10, days=1)) == ()


async def test_each_team_has_its_own_monday_morning(database):
    there = a_team(key="kiwi", name="Kiwi", channel="C0KIWI", timezone="Pacific/Auckland")
    far = a_team(key="bay", name="Bay", channel="C0BAY", timezone="America/Los_Angeles")
    for team in (there, far):
        calendars = (Calendar(BEGINNING, team.zone(ORGANISATION)),)
        key, since = f"{team.key}-ranking", MONDAY - timedelta(days=4)
        mine = a_workflow(key=key, team=team.key, calendars=calendars, activated_at=since)
        await register(database, mine, team=team)

    sunday = datetime(2026, 11, 22, 20, tzinfo=UTC)
    assert [one.team for one in await tick(database, sunday)] == ["kiwi"]
    assert await tick(database, datetime(2026, 11, 23, 16, 59, tzinfo=UTC)) == ()
    (bay,) = await tick(database, datetime(2026, 11, 23, 17, tzinfo=UTC))
    assert bay.week.start == datetime(2026, 11, 16, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "monday", [datetime(2026, 3, 30, 7, tzinfo=UTC), datetime(2026, 10, 26, 8, tzinfo=UTC)]
)
async def test_weeks_of_167_and_169_hours_are_reviewed_at_nine(database, monday):
    workflow = a_workflow(activated_at=monday - timedelta(days=60))
    await register(database, workflow)
    await spend(database, workflow, "10", monday - timedelta(hours=10))
    await spend(database, workflow, "5", monday - timedelta(hours=8))

    assert await tick(database, monday - timedelta(seconds=1)) == ()
    (review,) = await tick(database, monday)
    assert review.items[0].figures.week == 10


async def test_the_figures_stay_as_they_were_when_it_opened(database):
    workflow = a_workflow()
    await register(database, workflow)
    await spend(database, workflow, "100", LAST_WEEK)
    await tick(database)

    await spend(database, workflow, "50", LAST_WEEK + timedelta(hours=1))

    async with database.reading() as ledger:
        review = await ledger.reviews.latest("search")
    assert review.items[0].figures.week == 100


async def test_a_week_is_shown_against_the_cap_that_held_in_it(database):
    workflow, raised = a_workflow(), Caps(weekly=Decimal(400), monthly=Decimal(950))
    await register(database, workflow)
    await spend(database, workflow, "100", LAST_WEEK)
    just_after = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    async with database.ledger() as ledger:
        before = await ledger.workflows.get(RANKING)
        after = replace(before, caps=raised)
        await save_workflow(ledger, before, after, by=OWEN, what="edited", now=just_after)

    (review,) = await tick(database)

    figures = review.items[0].figures
    assert [one.cap for one in figures.counted] == [250, 950]
    assert figures.caps == raised
    assert "$100.00 of $250.00 (40 %)" in (await said(database, to=SEARCH))[1].text


async def late(database, workflow, usd, at, now):
    async with database.ledger() as ledger:
        await ledger.usage.record([a_record(workflow, usd, at)], now)


async def test_the_next_review_says_what_came_late(database):
    workflow = a_workflow()
    await register(database, workflow)
    await spend(database, workflow, "100", LAST_WEEK)
    await tick(database)
    await late(database, workflow, "12", LAST_WEEK, MONDAY + timedelta(days=1))

    await tick(database, MONDAY + timedelta(days=7))
    await tick(database, MONDAY + timedelta(days=14))

    texts = [one.text for one in await said(database, to=SEARCH) if RANKING in one.key]
    assert ["late +$12.00 for earlier weeks" in text for text in texts] == [False, True, False]


async def test_what_is_assumed_and_unmetered_is_shown_apart(database):
    workflow = a_workflow()
    await register(database, workflow)
    unknown = SentUsage(
        id="1", at=LAST_WEEK, workflow=RANKING, model="no-such-model", input_tokens=1_000_000
    )
    unmetered = SentUsage(id="2", at=LAST_WEEK, workflow=RANKING, model="gpt-5")
    async with database.ledger() as ledger:
        records = [read_usage(one, "test", LAST_WEEK) for one in (unknown, unmetered)]
        await ledger.usage.record(records, LAST_WEEK)

    await tick(database)

    text = (await said(database, to=SEARCH))[1].text
    assert "of the week assumed (unknown model)" in text
    assert "1 record without a cost" in text


async def test_overrides_of_the_week_are_shown(database):
    await register(database, a_workflow())
    async with database.ledger() as ledger:
        await ledger.overrides.add(
            an_override(start=LAST_WEEK, end=datetime(2026, 11, 22, 23, tzinfo=UTC))
        )

    await tick(database)

    text = (await said(database, to=SEARCH))[1].text
    assert "$0.00 of $350.00" in text
    assert "override +$100.00 weekly until Mon 23 Nov 00:00 CET" in text


async def test_only_active_and_paused_workflows_are_reviewed(database):
    await register(
        database,
        *(a_workflow(key=f"is-{status}", status=status) for status in Status),
    )

    (review,) = await tick(database)
    assert [item.workflow for item in review.items] == ["is-active", "is-paused"]


async def test_an_empty_team_is_told_so_in_one_line_and_nothing_is_open(database):
    await register(database)

    (review,) = await tick(database, datetime(2026, 11, 23, 8, tzinfo=UTC))

    (line,) = await said(database, to=SEARCH)
    assert "nothing to review: no active or paused workflow waits" in line.text
    assert review.closed_at is not None


async def test_a_team_that_never_had_anything_is_not_told_late(database):
    await register(database, a_workflow(status=Status.PROPOSED, activated_at=None))

    assert await tick(database, MONDAY + timedelta(days=1)) == ()


async def test_an_admin_opens_it_early_and_the_clock_finds_it(database):
    await register(database, a_workflow())
    early = MONDAY - timedelta(hours=4)

    opened = await ask(database, now=early)
    again = await ask(database, "Search", channel="C0OPS", now=early + timedelta(minutes=1))

    assert (opened.new, again.new) == (True, False)
    assert again.review.notice == opened.review.notice
    assert await tick(database) == ()
    assert len(await said(database, to=SEARCH)) == 2


async def test_late_in_a_week_the_coming_thread_opens_with_the_figures_so_far(database):
    await register(database, a_workflow())
    sunday = MONDAY - timedelta(days=1)

    opened = await ask(database, now=sunday)

    assert opened.new
    assert "week 16–22 Nov 2026 so far" in (await said(database, to=SEARCH))[0].text
    assert await tick(database) == ()


async def test_what_was_agreed_to_after_the_week_is_not_reviewed(database):
    began = MONDAY - timedelta(hours=1)
    await register(database, a_workflow(), a_workflow(key="search-new", activated_at=began))

    (review,) = await tick(database)

    assert [item.workflow for item in review.items] == [RANKING]


async def test_in_midweek_it_is_mondays_thread_that_is_found(database):
    await register(database, a_workflow())
    (review,) = await tick(database)

    found = await ask(database, now=MONDAY + timedelta(days=2))

    assert (found.new, found.review.notice) == (False, review.notice)


async def test_only_an_admin_opens_it(database):
    await register(database, a_workflow())

    with pytest.raises(NotAllowed, match=f"Only <@{SAM}> may .* It opens by itself on Mon 09:00"):
        await ask(database, by=ANA)


@pytest.mark.parametrize(("words", "channel"), [("nobody", SEARCH), ("", "C0ELSE")])
async def test_an_unknown_team_is_answered_with_those_there_are(database, words, channel):
    await register(database, a_workflow())

    with pytest.raises(Unknown, match="Teams: `search`"):
        await ask(database, words, channel=channel)


async def test_a_moved_zone_opens_no_second_review_of_the_week(database):
    await register(database, a_workflow())
    await tick(database)
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team(timezone="America/Los_Angeles"))

    assert await tick(database, MONDAY + timedelta(days=1)) == ()
    assert not (await ask(database, now=MONDAY + timedelta(days=1))).new
    assert len(await tick(database, MONDAY + timedelta(days=8))) == 1


@pytest.mark.parametrize(
    ("calendar", "review_at"),
    [
        pytest.param(
            Calendar(MONDAY - timedelta(days=4), "Europe/Berlin", WeekStart.SUNDAY),
            WeeklyMoment(6, time(9)),
            id="weeks from Sunday, reviewed on Sunday",
        ),
        pytest.param(
            Calendar(MONDAY - timedelta(days=4), "Pacific/Auckland"),
            WeeklyMoment(0, time(0, 30)),
            id="to the east, reviewed just after midnight",
        ),
        pytest.param(
            Calendar(MONDAY - timedelta(days=4), "America/Los_Angeles"),
            WeeklyMoment(0, time(0, 30)),
            id="to the west, reviewed just after midnight",
        ),
    ],
)
async def test_after_a_move_each_week_is_reviewed_once_and_when_it_is_over(
    database, calendar, review_at
):
    policy = Policy(calendar.zone, calendar.week_start, review_at)
    organisation = an_organisation(policy=policy)
    calendars = (Calendar(BEGINNING, "Europe/Berlin"), calendar)
    workflow = a_workflow(calendars=calendars)
    await register(database, workflow, team=a_team(timezone=calendar.zone))
    days = [MONDAY - timedelta(days=day) for day in range(7, -15, -1)]
    for day in days:
        await spend(database, workflow, "1", day)

    opened = []
    for hours in range(-60, 24 * 15):
        now = MONDAY + timedelta(hours=hours)
        async with database.ledger() as ledger:
            opened += [(now, one) for one in await open_due_reviews(ledger, organisation, now)]

    weeks = [one.week for _, one in opened]
    assert len(weeks) >= 3
    assert all(one.end == following.start for one, following in pairwise(weeks))
    for now, one in opened:
        assert now >= one.week.end
        assert one.items[0].figures.week == sum(day in one.week for day in days)


async def test_it_is_not_opened_by_hand_before_its_week_is_over(database):
    move = Calendar(MONDAY - timedelta(days=4), "Europe/Berlin", WeekStart.SUNDAY)
    await register(database, a_workflow(calendars=(Calendar(BEGINNING, "Europe/Berlin"), move)))
    sunday = datetime(2026, 11, 22, 9, tzinfo=UTC)
    organisation = an_organisation(policy=Policy("Europe/Berlin", WeekStart.SUNDAY))

    async with database.ledger() as ledger:
        with pytest.raises(Refusal, match=r"its week runs until Mon 23 Nov 00:00 CET"):
            await open_review("", Place(SAM, SEARCH), ledger, organisation, sunday)
