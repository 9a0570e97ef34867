"""While a request waits, roles, caps and calendars change: its card and its answers keep up."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.approval import Outdated
from bot.periods import CapKind
from bot.policy import PerClass, Policy
from bot.refusal import NotAllowed, Refusal
from bot.requests import Less, Reply, State, Until
from handlers.flows.expedite_workflow import expedite_workflow
from handlers.flows.expire_requests import expire_requests
from handlers.flows.look_over_requests import look_over_requests
from handlers.flows.remind_requests import remind_requests
from handlers.flows.withdraw_request import withdraw_request
from tests.builders import (
    ANA,
    FIN,
    MIA,
    MONDAY,
    SAM,
    a_team,
    a_workflow,
    an_organisation,
)
from tests.outbox import said
from tests.registry import settled
from tests.requesting import HOUR, LATER, ORGANISATION, SEARCH, answers, asks, found
from tests.spending import spend


@pytest.fixture
async def running(database):
    await settled(database, a_workflow())
    return database


async def changes(database, **named):
    async with database.ledger() as ledger:
        workflow = await ledger.workflows.get("search-ranking")
        await ledger.workflows.save(replace(workflow, **named))


async def expedites(database, by=SAM, now=LATER, organisation=ORGANISATION):
    async with database.ledger() as ledger:
        words = "search-ranking 3 of 3 outcomes met"
        return await expedite_workflow(
            words, by=by, ledger=ledger, organisation=organisation, now=now
        )


async def test_a_mark_of_proven_return_leaves_what_waits_as_it_was_asked(running):
    await asks(running, amount=Decimal(900))
    await expedites(running)

    answered = await answers(running, now=LATER + HOUR)

    assert answered.state is State.WAITING


async def test_a_mark_spares_its_maker_nothing(running):
    await expedites(running, now=MONDAY)
    await asks(running, asked_by=SAM, amount=Decimal(900))

    answered = await answers(running)

    assert answered.state is State.WAITING


async def test_an_owner_marks_no_workflow_of_their_own(running):
    await changes(running, owner=SAM)

    with pytest.raises(NotAllowed, match="another admin"):
        await expedites(running)


async def test_less_than_for_good_is_no_longer_than_the_policy_lets_anybody_ask(running):
    await asks(running, until=Until.PERMANENT)

    with pytest.raises(Refusal, match="at most 90 days at a time") as refused:
        await answers(running, less=Less(Decimal(50), Until.DAYS, 366))

    assert refused.value.field == "days"


async def test_less_than_for_good_is_no_larger_than_the_policy_lets_anybody_ask(running):
    largest = PerClass(Decimal(150), Decimal(150), Decimal(150))
    organisation = an_organisation(policy=Policy("Europe/Berlin", largest_raise=largest))
    await asks(running, organisation=organisation, until=Until.PERMANENT)

    with pytest.raises(Refusal, match="at most \\$150") as refused:
        await answers(running, organisation=organisation, less=Less(Decimal(90), Until.DAYS, 20))

    assert refused.value.field == "amount"


async def test_a_reminder_that_waits_for_the_morning_goes_with_its_request(running):
    evening = MONDAY + timedelta(hours=5, minutes=30)
    await asks(running, now=evening)
    async with running.ledger() as ledger:
        await remind_requests(ledger, ORGANISATION, evening + 8 * HOUR)
    async with running.ledger() as ledger:
        assert await ledger.held_words.waiting(ANA)

    async with running.ledger() as ledger:
        await withdraw_request(Reply("r-1", MIA, SEARCH), ledger, evening + 9 * HOUR)

    async with running.ledger() as ledger:
        assert not await ledger.held_words.waiting(ANA)


async def looks(database, now=LATER, organisation=ORGANISATION):
    async with database.ledger() as ledger:
        await look_over_requests(ledger, organisation, now)


async def card(database):
    return (await said(database, act="update", to=SEARCH))[-1]


async def edition(database):
    return (await found(database)).edition


async def test_what_has_not_changed_is_not_drawn_again(running):
    await asks(running)

    for minutes in range(3):
        await looks(running, MONDAY + timedelta(minutes=minutes))

    assert await said(running, act="update", to=SEARCH) == []
    assert await edition(running) == 1


async def test_when_the_week_turns_the_card_says_what_a_yes_gives_now(running):
    sunday = datetime(2026, 11, 29, 21, tzinfo=UTC)
    await asks(running, now=sunday)
    await looks(running, sunday + 3 * HOUR)

    drawn = await card(running)

    assert "until Mon 7 Dec 00:00 CET" in drawn.text
    assert "r-1|2" in str(drawn.blocks)


async def test_another_base_cap_changes_what_a_raise_for_good_gives(running):
    await asks(running, until=Until.PERMANENT)
    caps = a_workflow().caps.having(CapKind.WEEKLY, Decimal(50))
    await changes(running, caps=caps)

    with pytest.raises(Outdated, match=r"\$50.00 → \$150.00"):
        await answers(running)
    await looks(running)
    await answers(running, edition=2, now=LATER + HOUR)

    async with running.reading() as ledger:
        workflow = await ledger.workflows.get("search-ranking")
    assert workflow.caps.weekly == Decimal(150)


async def test_days_count_from_the_approval_whenever_that_is(running):
    await asks(running, until=Until.DAYS, days=3)
    await looks(running, MONDAY + 2 * HOUR)

    answered = await answers(running, now=MONDAY + 3 * HOUR, edition=1)

    assert answered.state is State.APPROVED
    assert "for 3 days (if that is now, until" in (await said(running, to=SEARCH))[0].text


async def test_whoever_may_answer_since_is_told_once_and_stands_on_the_card(running):
    await asks(running)
    async with running.ledger() as ledger:
        await ledger.teams.save(a_team(approver=FIN))

    await looks(running)
    await looks(running, LATER + HOUR)

    (told,) = await said(running, to=FIN)
    assert "waits for you" in told.text
    assert f"<@{FIN}>" in (await card(running)).text
    assert await edition(running) == 1


async def test_the_owner_handed_over_to_the_approver_it_is_the_turn_of_finance(running):
    await asks(running)
    await changes(running, owner=ANA)

    await looks(running)

    assert "waits for you" in (await said(running, to=FIN))[0].text
    assert f"finance: <@{FIN}>" in (await card(running)).text


async def nobody_left(database):
    alone = an_organisation(finance=(), admins=(SAM,))
    await asks(database, asked_by=SAM, organisation=alone)
    await changes(database, owner=ANA)
    return alone


async def test_where_nobody_is_left_the_card_says_what_to_set_and_the_admins_hear_once(running):
    alone = await nobody_left(running)

    await looks(running, organisation=alone)
    await looks(running, LATER + HOUR, organisation=alone)

    drawn = await card(running)
    assert "Nobody may approve this: ask an admin to set an approver for team search" in drawn.text
    assert "request.approve" not in str(drawn.blocks)
    assert "request.withdraw" in str(drawn.blocks)
    place = alone.admin_channel or SAM
    assert sum("waits for nobody" in one.text for one in await said(running, to=place)) == 1


async def test_somebody_may_answer_again_and_the_buttons_are_back(running):
    alone = await nobody_left(running)
    await looks(running, organisation=alone)

    await looks(running, LATER + HOUR, organisation=an_organisation(finance=(FIN,)))

    assert "request.approve" in str((await card(running)).blocks)
    assert "waits for you" in (await said(running, to=FIN))[0].text


async def test_an_expiry_blames_nobody_where_nobody_could_have_answered(running):
    alone = await nobody_left(running)

    async with running.ledger() as ledger:
        await expire_requests(ledger, alone, MONDAY + 100 * HOUR)

    drawn = await card(running)
    assert "nobody answered in time" not in drawn.text
    assert "An admin sets an approver for team search" in drawn.text


async def test_the_spend_on_a_card_is_kept_current_at_most_every_quarter_of_an_hour(running):
    await asks(running)
    await spend(running, a_workflow(), 170, MONDAY)
    await looks(running, MONDAY + timedelta(minutes=14))
    assert await said(running, act="update", to=SEARCH) == []

    await looks(running, MONDAY + timedelta(minutes=15))

    drawn = await card(running)
    assert "$170.00 of the weekly $250.00 (68 %)" in drawn.text
    assert "As of Mon 23 Nov 10:15 CET." in drawn.text
    assert await edition(running) == 1


async def test_two_replicas_draw_and_tell_once(running):
    await asks(running)
    async with running.ledger() as ledger:
        await ledger.teams.save(a_team(approver=FIN))

    await asyncio.gather(*(looks(running) for _ in range(3)))

    assert len(await said(running, to=FIN)) == 1
