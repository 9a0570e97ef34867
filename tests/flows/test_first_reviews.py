"""A new workflow's first review: when it is asked, of whom, and what answers it."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.cards.kit import when
from bot.changes import CONTRACT
from bot.delegations import Absence
from bot.first_reviews import State
from bot.periods import BEGINNING, Calendar, CapKind
from bot.refusal import NotAllowed, TooLate
from bot.review_weeks import ended_week
from bot.workflows import Caps, Status
from handlers.desk import Desk
from handlers.flows.answer_first_review import find_fine
from handlers.flows.ask_first_reviews import ask_first_reviews
from handlers.flows.edit_workflow import edit_workflow
from handlers.steps.open_request import open_request
from handlers.steps.open_thread import open_thread
from handlers.steps.retire_workflow import retire
from handlers.steps.save_workflow import save_workflow
from storage.database import Database
from storage.schema import migrate
from tests.builders import ANA, FIN, MIA, MONDAY, OWEN, a_draft, a_team, a_workflow, an_organisation
from tests.outbox import said
from tests.registry import presses, settled, stored, submits, trail
from tests.spending import a_record

ORGANISATION = an_organisation()
KEY = "search-ranking"
SEARCH = "C0SEARCH"
DAY = timedelta(days=1)
WEEK = MONDAY + 7 * DAY


async def activated(database, now=MONDAY, **named):
    """It begins at `now`, as agreed to by a person."""
    plain = {"status": Status.PROPOSED, "activated_at": None, "status_since": None} | named
    await settled(database, a_workflow(**plain))
    async with database.ledger() as ledger:
        before = await ledger.workflows.get(KEY)
        after = replace(before, status=Status.ACTIVE, status_since=now, activated_at=now)
        await save_workflow(ledger, before, after, by=OWEN, what="activated", now=now)


async def tick(database, now, organisation=ORGANISATION):
    async with database.ledger() as ledger:
        await ask_first_reviews(ledger, organisation, now)


async def review(database):
    async with database.reading() as ledger:
        return await ledger.first_reviews.of(KEY)


async def fine(database, by, now=WEEK):
    async with database.ledger() as ledger:
        await find_fine(KEY, by=by, ledger=ledger, organisation=ORGANISATION, now=now)


async def texts(database, to=SEARCH):
    return [one.text for one in await said(database, to=to)]


@pytest.mark.parametrize(
    ("zone", "began", "due"),
    [
        pytest.param("Europe/Berlin", "2026-10-20T08:00", "2026-10-27T09:00", id="winter comes"),
        pytest.param("Europe/Berlin", "2027-03-24T09:00", "2027-03-31T08:00", id="summer comes"),
        pytest.param("Pacific/Auckland", "2026-09-22T21:30", "2026-09-29T20:30", id="Auckland"),
        pytest.param("Asia/Kolkata", "2028-02-24T05:31", "2028-03-02T05:31", id="a leap day"),
        pytest.param("America/Sao_Paulo", "2026-12-28T12:30", "2027-01-04T12:30", id="new year"),
        pytest.param("America/Los_Angeles", "2026-10-29T15:00", "2026-11-05T16:00", id="LA"),
    ],
)
async def test_it_is_asked_seven_days_later_at_the_same_local_time(database, zone, began, due):
    at, wanted = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (began, due))
    await activated(database, at, calendars=(Calendar(BEGINNING, zone),))

    await tick(database, wanted - timedelta(seconds=1))
    before = await texts(database)
    await tick(database, wanted)
    await tick(database, wanted)

    assert before == []
    assert len(await texts(database)) == 1
    assert len(await texts(database, OWEN)) == 1


async def test_several_processes_ask_it_once(postgres_url):
    url = postgres_url()
    one, other = Database(url), Database(url)
    await migrate(one)
    await activated(one)

    await asyncio.gather(*(tick(database, WEEK) for database in (one, other) * 4))

    assert len(await texts(one)) == 1
    done = await asyncio.gather(
        *(fine(database, by) for database, by in ((one, OWEN), (other, MIA)) * 3),
        return_exceptions=True,
    )
    assert len([each.what for each in await trail(one) if "first review" in each.what]) == 1
    answered = (await review(one)).by
    pressed = [(OWEN, MIA)[number % 2] for number in range(6)]
    assert {by for by, each in zip(pressed, done, strict=True) if each is None} == {answered}
    assert all(isinstance(each, TooLate) for each in done if each is not None)
    await one.close()
    await other.close()


async def test_the_second_is_told_who_was_first(database):
    await activated(database)
    await tick(database, WEEK)
    await fine(database, MIA)

    with pytest.raises(TooLate, match=f"found fine as it is by <@{MIA}>"):
        await fine(database, OWEN)


async def test_before_it_is_asked_there_is_nothing_to_decide(database):
    await activated(database)

    with pytest.raises(TooLate, match="is not open"):
        await fine(database, OWEN)


async def test_only_who_answers_for_it_decides(database):
    await activated(database)
    await tick(database, WEEK)

    with pytest.raises(NotAllowed, match="may decide"):
        await fine(database, FIN)


async def test_while_the_owner_is_away_the_backup_is_asked(database):
    await activated(database)
    away = an_organisation(absences=(Absence(OWEN, MONDAY, datetime(2026, 12, 6, 23, tzinfo=UTC)),))

    await tick(database, WEEK, away)

    [text] = await texts(database)
    assert f"<@{MIA}> for <@{OWEN}>, who is away until Mon 7 Dec" in text
    assert len(await texts(database, MIA)) == 1
    assert await texts(database, OWEN) == []


async def test_without_a_backup_the_approver_is_asked(database):
    await activated(database, backup=None)
    away = an_organisation(absences=(Absence(OWEN, MONDAY, WEEK + DAY),))

    await tick(database, WEEK, away)

    assert len(await texts(database, ANA)) == 1


async def test_a_retired_one_is_not_asked(database):
    await activated(database)
    async with database.ledger() as ledger:
        await retire(ledger, ORGANISATION, await ledger.workflows.get(KEY), OWEN, "", MONDAY)

    await tick(database, WEEK)

    assert not any("*First review" in text for text in await texts(database))


async def test_retiring_answers_it(database):
    await activated(database)
    await tick(database, WEEK)
    async with database.ledger() as ledger:
        await retire(ledger, ORGANISATION, await ledger.workflows.get(KEY), OWEN, "", WEEK)

    assert (await review(database)).state is State.LAPSED
    assert any("closed: it was retired" in text for text in await texts(database))


async def test_what_a_file_writes_down_for_the_first_time_is_not_new(database):
    await settled(database)
    async with database.ledger() as ledger:
        await save_workflow(ledger, None, a_workflow(), by=CONTRACT, what="registered", now=MONDAY)

    assert await review(database) is None


async def test_asking_for_more_answers_it_where_the_person_may(database):
    await activated(database)
    await tick(database, WEEK)
    async with database.ledger() as ledger:
        await open_request(ledger, ORGANISATION, a_draft(asked_by=FIN, amount=Decimal(50)), WEEK)
    unanswered = await review(database)

    async with database.ledger() as ledger:
        draft = a_draft(asked_by=OWEN, cap=CapKind.MONTHLY)
        await open_request(ledger, ORGANISATION, draft, WEEK)

    assert unanswered.state is State.ASKED
    answered = await review(database)
    assert (answered.choice, answered.by) == ("expand", OWEN)
    assert any("$100.00 more on the monthly cap" in text for text in await texts(database))


async def test_a_changed_contract_answers_it(database):
    await activated(database)
    await tick(database, WEEK)
    async with database.ledger() as ledger:
        wanted = replace(await ledger.workflows.get(KEY), tool="Codex")
        await edit_workflow(
            wanted, by=ANA, reason="", ledger=ledger, organisation=ORGANISATION, now=WEEK
        )

    assert ((await review(database)).choice, (await review(database)).by) == ("change", ANA)
    assert [one.what for one in await trail(database)][:2] == ["first review: change", "edited"]


async def test_a_form_that_is_sent_too_late_cuts_nothing(database, clock):
    await activated(database)
    await tick(database, WEEK)
    clock.move_to(WEEK)
    desk = _desk(database)
    form = await presses(desk, OWEN, "first_review.cut", KEY)
    await fine(database, MIA)

    done = await submits(desk, OWEN, form, cap="weekly", amount="80")

    assert f"found fine as it is by <@{MIA}>" in done.card.text
    assert (await stored(database)).caps.weekly == 250


def _desk(database):
    return Desk(database, ("U0SAM",))


async def test_a_higher_amount_in_the_cut_form_is_asked_for(database, clock):
    await activated(database)
    await tick(database, WEEK)
    clock.move_to(WEEK)
    desk = _desk(database)

    form = await presses(desk, OWEN, "first_review.cut", KEY)
    await submits(desk, OWEN, form, cap="weekly", amount="300")

    assert (await stored(database)).caps.weekly == 250
    assert (await review(database)).choice == "expand"


async def test_its_clock_reminds_tells_the_approver_and_leaves_it(database):
    await activated(database)
    await tick(database, WEEK)

    for days in (1, 2, 2, 4, 4, 7, 7, 20):
        await tick(database, WEEK + days * DAY)

    assert len([text for text in await texts(database, OWEN) if "⏰" in text]) == 1
    assert len([text for text in await texts(database, ANA) if "⏰" in text]) == 1
    ends = [text for text in await texts(database) if "closed: nobody decided" in text]
    assert len(ends) == 1
    assert (await review(database)).state is State.LAPSED


async def weekly(database, now):
    async with database.ledger() as ledger:
        week = ended_week(a_team(), ORGANISATION, now)
        return await open_thread(ledger, ORGANISATION, a_team(), week, now)


async def test_a_weekly_review_leaves_it_to_the_first_one(database):
    began = MONDAY - 4 * DAY
    await activated(database, began)

    opened = await weekly(database, MONDAY)

    assert opened.items == ()
    _, note = await texts(database)
    assert "its first review is on" in note
    assert "Thu 26 Nov" in note


async def test_once_it_is_over_the_weekly_review_asks_again(database):
    await activated(database, MONDAY - 8 * DAY)
    await tick(database, MONDAY - DAY)
    waiting = await weekly(database, MONDAY)
    await fine(database, OWEN, MONDAY)

    later = await weekly(database, WEEK)

    assert waiting.items == ()
    assert [item.workflow for item in later.items] == [KEY]


async def test_it_shows_the_first_week_against_the_weekly_cap(database):
    await activated(database, caps=Caps(weekly=Decimal(250)))
    spent_at = WEEK - timedelta(days=2)
    async with database.ledger() as ledger:
        await ledger.usage.record(
            [a_record(await ledger.workflows.get(KEY), "112.40", spent_at)], spent_at
        )

    await tick(database, WEEK)

    [text] = await texts(database)
    assert "Weekly ▓▓▓▓░░░░░░ 44 % · $112.40 in its first 7 days; weekly cap $250.00" in text
    assert text.count(f"Data through {when(spent_at, 'Europe/Berlin')} (test).\n*Expand* it") == 1
