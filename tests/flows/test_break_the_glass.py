import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.break_glass import AlreadyReviewed, Review
from bot.edits import Wrong
from bot.incidents import Incident
from bot.people import Person
from bot.periods import CapKind
from bot.policy import Policy
from bot.refusal import NotAllowed, Refusal
from bot.requests import Path, State
from bot.workflows import Status
from handlers.flows.break_the_glass import begin_break_glass, break_the_glass
from handlers.flows.review_break_glass import Verdict, judge_break_glass, review_broken_glass
from handlers.steps.check_break_glass import BrokenAlready
from tests.builders import ANA, FIN, MIA, MONDAY, OWEN, SAM, a_team, a_workflow, an_organisation
from tests.outbox import said
from tests.registry import trail

ORGANISATION = an_organisation()
INCIDENT = Incident("b-1", "search-ranking", CapKind.WEEKLY, Decimal(200), "Outage.", MIA)
TUESDAY = datetime(2026, 11, 24, 8, tzinfo=UTC)


@pytest.fixture
async def running(database):
    async with database.ledger() as ledger:
        await ledger.organisation.save(ORGANISATION)
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow())
    return database


async def take(database, now=MONDAY, organisation=ORGANISATION, **named):
    async with database.ledger() as ledger:
        return await break_the_glass(replace(INCIDENT, **named), ledger, organisation, now)


async def overrides(database):
    async with database.reading() as ledger:
        return await ledger.overrides.of("search-ranking")


async def broken(database):
    async with database.reading() as ledger:
        return await ledger.break_glass.get("b-1")


async def tick(database, now):
    async with database.ledger() as ledger:
        await review_broken_glass(ledger, ORGANISATION, now)


async def judge(
    database, by=ANA, state=Review.RIGHT, note="", now=TUESDAY, organisation=ORGANISATION
):
    async with database.ledger() as ledger:
        verdict = Verdict("b-1", by, state, note)
        return await judge_break_glass(verdict, ledger, organisation, now)


async def test_the_money_is_there_at_once_and_everybody_concerned_hears_it(running):
    await take(running)

    [override] = await overrides(running)
    assert (override.amount, override.granted_by) == (Decimal(200), MIA)
    assert override.end == datetime(2026, 11, 24, 23, tzinfo=UTC)
    [loud] = await said(running, to="C0SEARCH")
    assert f"<@{OWEN}>, <@{ANA}>" in loud.text
    assert "The weekly cap is now $450.00" in loud.text
    for person in (ANA, FIN, OWEN):
        assert len(await said(running, to=person)) == 1
    [change] = await trail(running)
    assert (change.actor, change.reason) == (MIA, "Outage.")
    async with running.reading() as ledger:
        request = await ledger.requests.get("b-1")
    assert (request.path, request.state) == (Path.BREAK_GLASS, State.APPROVED)


async def test_it_wakes_people_at_night(running):
    night = datetime(2026, 11, 24, 2, tzinfo=UTC)

    await take(running, now=night)

    assert len(await said(running, to=ANA)) == 1


async def test_a_second_one_in_the_month_is_refused_naming_the_first(running):
    await take(running)

    with pytest.raises(BrokenAlready, match="Mon 23 Nov"):
        await take(running, now=TUESDAY, id="b-2", by=OWEN)
    async with running.ledger() as ledger:
        with pytest.raises(BrokenAlready):
            await begin_break_glass(
                "search-ranking", by=OWEN, ledger=ledger, organisation=ORGANISATION, now=TUESDAY
            )

    assert len(await overrides(running)) == 1


async def test_another_month_is_another_chance(running):
    await take(running)

    await take(running, now=MONDAY + timedelta(days=8), id="b-2")

    assert len(await overrides(running)) == 2


async def test_sent_twice_it_is_taken_once_and_told_the_same(running):
    first = await take(running)
    second = await take(running, now=MONDAY + timedelta(minutes=1))

    assert second.effect.end == first.effect.end
    assert len(await overrides(running)) == 1


async def test_of_two_at_once_one_takes_it(running):
    told = await asyncio.gather(
        take(running), take(running, id="b-2", by=OWEN), return_exceptions=True
    )

    assert sorted(type(one).__name__ for one in told) == ["BrokenAlready", "Taken"]
    assert len(await overrides(running)) == 1


@pytest.mark.parametrize(
    ("status", "word"), [(Status.PAUSED, "resume"), (Status.RETIRED, "register")]
)
async def test_what_is_not_active_gets_nothing_and_is_told_what_to_do(database, status, word):
    async with database.ledger() as ledger:
        await ledger.organisation.save(ORGANISATION)
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow(status=status))

    with pytest.raises(Refusal, match=word):
        await take(database)


async def test_others_get_nothing(running):
    with pytest.raises(NotAllowed):
        await take(running, by="U0ZOE")
    with pytest.raises(Refusal, match="switched off"):
        await take(
            running, organisation=replace(ORGANISATION, policy=Policy(break_glass_up_to=Decimal(0)))
        )
    with pytest.raises(Wrong):
        await take(running, amount=Decimal("500.01"))

    assert await overrides(running) == ()
    assert await said(running) == []


async def test_it_works_beyond_what_may_be_asked_for(running):
    small = Policy(small_raises_a_month=0, break_glass_up_to=Decimal(9_999))

    await take(running, amount=Decimal(9_000), organisation=replace(ORGANISATION, policy=small))

    assert len(await overrides(running)) == 1


async def test_approver_and_finance_are_asked_the_next_working_day(running):
    await take(running)
    await tick(running, TUESDAY - timedelta(seconds=1))
    before = await said(running, to="C0SEARCH")

    await tick(running, TUESDAY)
    await tick(running, TUESDAY)

    after = await said(running, to="C0SEARCH")
    assert len(after) == len(before) + 1
    assert after[-1].target == "request:b-1"
    assert f"<@{ANA}>, <@{FIN}>" in after[-1].text
    assert "Wed 25 Nov 09:00" in after[-1].text


async def test_two_ticks_at_once_ask_once(running):
    await take(running)

    await asyncio.gather(*(tick(running, TUESDAY) for _ in range(4)))

    assert len(await said(running, to="C0SEARCH")) == 2


async def test_the_answer_stands_and_those_concerned_hear_it(running):
    await take(running)
    await tick(running, TUESDAY)

    await judge(running, state=Review.WRONG, note="Not an incident.")

    assert (await broken(running)).state is Review.WRONG
    [edit] = await said(running, act="update", to="C0SEARCH")
    assert "it was not right" in edit.text
    assert not [block for block in edit.blocks if block["type"] == "actions"]
    assert "Not an incident." in (await said(running, to=MIA))[-1].text
    assert (await trail(running))[0].reason == "Not an incident."


async def test_whoever_was_asked_and_left_the_group_meanwhile_reads_how_it_ended(running):
    await take(running)
    await tick(running, TUESDAY)

    await judge(running, organisation=replace(ORGANISATION, finance=(SAM,)))

    for person in (ANA, FIN):
        [edit] = await said(running, act="update", to=person)
        assert "it was right" in edit.text
        assert not [block for block in edit.blocks if block["type"] == "actions"]


async def test_a_question_that_waits_for_the_morning_has_lost_its_buttons_by_then(running):
    async with running.ledger() as ledger:
        await ledger.people.save(Person(FIN, "Fin", "Asia/Tokyo", False, False, MONDAY))
    await take(running)
    await tick(running, TUESDAY + timedelta(hours=7))
    key = f"break-glass:b-1:review:asked:{FIN}"

    await judge(running, now=TUESDAY + timedelta(hours=8))

    async with running.reading() as ledger:
        card = await ledger.held_words.card(key)
    assert "it was right" in card.text
    assert not [block for block in card.blocks if block["type"] == "actions"]


async def test_whoever_owned_it_when_it_was_taken_does_not_judge_it_later(running):
    await take(running)
    await tick(running, TUESDAY)
    async with running.ledger() as ledger:
        before = await ledger.workflows.get("search-ranking")
        await ledger.workflows.save(replace(before, owner="U0KIM"))

    with pytest.raises(NotAllowed):
        await judge(running, by=OWEN, organisation=replace(ORGANISATION, finance=(FIN, OWEN)))


async def test_the_second_answer_is_told_who_was_first(running):
    await take(running)
    await tick(running, TUESDAY)
    await judge(running)

    with pytest.raises(AlreadyReviewed, match=ANA):
        await judge(running, by=FIN, state=Review.WRONG, note="No.")


async def test_of_two_answers_at_once_one_counts(running):
    await take(running)
    await tick(running, TUESDAY)

    told = await asyncio.gather(
        judge(running),
        judge(running, by=FIN, state=Review.WRONG, note="No."),
        return_exceptions=True,
    )

    assert sum(isinstance(one, AlreadyReviewed) for one in told) == 1


@pytest.mark.parametrize("by", [MIA, OWEN, SAM])
async def test_who_took_it_and_others_do_not_judge_it(running, by):
    await take(running)
    await tick(running, TUESDAY)

    with pytest.raises(NotAllowed, match=ANA):
        await judge(running, by=by)


async def test_unanswered_it_is_reminded_once_and_then_left(running):
    await take(running)
    for day in range(4):
        await tick(running, TUESDAY + timedelta(days=day))

    assert (await broken(running)).state is Review.NOT_REVIEWED
    reminders = [row for row in await said(running, to=FIN) if "Still unanswered" in row.text]
    assert len(reminders) == 1
    with pytest.raises(AlreadyReviewed, match="not reviewed"):
        await judge(running, now=TUESDAY + timedelta(days=5))
