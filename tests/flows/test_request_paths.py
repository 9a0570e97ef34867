import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.delegations import Delegation
from bot.edits import Wrong
from bot.notices import Card
from bot.periods import CapKind
from bot.policy import PerClass, Policy
from bot.refusal import NotAllowed, Refusal
from bot.requests import NotAskable, Path, Reply, State, Until
from bot.small_raises import NotTakenBack
from bot.workflows import Caps
from handlers.flows.answer_request import answer_request
from handlers.flows.end_take_backs import end_take_backs
from handlers.flows.expedite_workflow import expedite_workflow
from handlers.flows.request_more import confirm_request, request_more
from handlers.flows.take_back_raise import take_back_raise
from handlers.steps.retire_workflow import retire
from tests.builders import (
    ANA,
    FIN,
    MIA,
    MONDAY,
    OWEN,
    SAM,
    a_draft,
    a_team,
    a_workflow,
    an_organisation,
)
from tests.outbox import said
from tests.registry import trail
from tests.spending import spend

ORGANISATION = an_organisation()
LATER = MONDAY + timedelta(hours=1)
SMALL = a_draft(amount=Decimal(20))


@pytest.fixture
async def running(database):
    async with database.ledger() as ledger:
        await ledger.organisation.save(ORGANISATION)
        await ledger.teams.save(a_team())
        caps = Caps(daily=Decimal(100), weekly=Decimal(250), monthly=Decimal(900))
        await ledger.workflows.add(a_workflow(caps=caps))
    return database


async def ask(database, draft=SMALL, request="r-1", now=MONDAY, organisation=ORGANISATION):
    async with database.ledger() as ledger:
        return await request_more(request, draft, ledger, organisation, now)


async def overrides(database):
    async with database.reading() as ledger:
        return await ledger.overrides.of("search-ranking")


async def take_back(database, by=ANA, now=LATER, organisation=ORGANISATION):
    async with database.ledger() as ledger:
        await take_back_raise("r-1", by, ledger, organisation, now)


async def test_a_small_raise_is_there_at_once_and_says_so(running):
    request = await ask(running)

    assert (request.path, request.state) == (Path.SMALL, State.APPROVED)
    [override] = await overrides(running)
    assert (override.amount, override.granted_by) == (Decimal(20), "budget-bot")
    [card] = await said(running, to="C0SEARCH")
    assert "within the policy: up to $25.00, 1 of 2 this month" in card.text
    assert "Take back" in str(card.blocks)
    assert "request.approve" not in str(card.blocks)
    assert "Granted by itself" in (await said(running, to=OWEN))[0].text
    [change] = await trail(running)
    assert change.actor == "budget-bot"
    async with running.reading() as ledger:
        word = await confirm_request(request, ledger, ORGANISATION, MONDAY)
    assert "Granted by itself" in word.text


async def test_the_third_one_of_a_month_is_asked_for(running):
    for number in (1, 2):
        await ask(running, request=f"r-{number}")

    third = await ask(running, request="r-3")

    assert (third.path, third.state) == (Path.NORMAL, State.WAITING)
    assert len(await overrides(running)) == 2


async def test_a_new_month_of_the_team_brings_new_ones(running):
    for number in (1, 2):
        await ask(running, request=f"r-{number}")
    before = datetime(2026, 11, 30, 22, 59, tzinfo=UTC)

    still = await ask(running, request="r-3", now=before)
    after = await ask(
        running,
        a_draft(amount=Decimal(20), cap=CapKind.DAILY),
        "r-4",
        before + timedelta(minutes=1),
    )

    assert still.state is State.WAITING
    assert after.path is Path.SMALL


async def test_many_at_once_get_exactly_the_few_there_are(running):
    kinds = [CapKind.DAILY, CapKind.WEEKLY, CapKind.MONTHLY] * 2
    told = await asyncio.gather(
        *(
            ask(running, replace(SMALL, cap=kind), f"r-{number}")
            for number, kind in enumerate(kinds)
        ),
        return_exceptions=True,
    )

    paths = [one.path for one in told if not isinstance(one, BaseException)]
    assert paths.count(Path.SMALL) == 2
    assert len(await overrides(running)) == 2
    assert all(isinstance(one, Refusal) for one in told if isinstance(one, BaseException))


async def test_sent_twice_at_once_it_is_granted_once(running):
    await asyncio.gather(ask(running), ask(running), return_exceptions=True)
    await ask(running)

    assert len(await overrides(running)) == 1
    assert (await ask(running, request="r-2")).path is Path.SMALL


async def test_switched_off_everything_is_asked_for(running):
    none = replace(ORGANISATION, policy=Policy(small_raise_up_to=Decimal(0)))

    assert (await ask(running, organisation=none)).state is State.WAITING


async def test_the_approver_takes_it_back(running):
    await ask(running)

    await take_back(running)

    [override] = await overrides(running)
    assert override.ended_at == LATER
    [edit] = await said(running, act="update", to="C0SEARCH")
    assert f"Taken back by <@{ANA}>" in edit.text
    assert "The weekly cap is now $250.00" in edit.text
    assert "Take back" not in str(edit.blocks)
    assert "took back" in (await said(running, to=OWEN))[-1].text
    newest = (await trail(running))[0]
    assert newest.actor == ANA
    assert newest.what == "took back the override of $20.00 on the weekly cap"


async def test_taken_back_its_card_says_only_what_stands_now(running):
    await spend(running, a_workflow(), "30", MONDAY)
    await ask(running)
    await spend(running, a_workflow(), "10", MONDAY)

    await take_back(running)

    [edit] = await said(running, act="update", to="C0SEARCH")
    for written in (edit.text, str(edit.blocks)):
        assert written.count("cap is now") == 1
        assert "now $250.00; $40.00 (16 %) is spent" in written
        assert "may take it back until" not in written
    assert f"<@{OWEN}> got more without asking anybody" in edit.text


async def test_the_owner_hears_of_a_small_raise_the_backup_asked_and_that_it_was_taken_back(
    running,
):
    await spend(running, a_workflow(), "30", MONDAY)

    await ask(running, replace(SMALL, asked_by=MIA))
    await take_back(running)

    granted, taken_back = await said(running, to=OWEN)
    assert f"<@{MIA}> got more" in granted.text
    assert "by $20.00, to $270.00, until" in granted.text
    assert "Data through" in granted.text
    assert f"<@{ANA}> took back" in taken_back.text


async def test_who_stands_in_takes_it_back_and_it_says_for_whom(running):
    await ask(running)
    delegation = Delegation("d", ANA, "U0KIM", MONDAY, MONDAY + timedelta(days=2), "Holiday.")

    await take_back(
        running, by="U0KIM", organisation=replace(ORGANISATION, delegations=(delegation,))
    )

    [edit] = await said(running, act="update", to="C0SEARCH")
    assert f"<@U0KIM> for <@{ANA}>" in edit.text


async def test_the_second_press_is_told_who_was_first(running):
    await ask(running)
    await take_back(running)

    with pytest.raises(NotTakenBack, match=ANA):
        await take_back(running)


async def test_of_two_at_once_one_takes_it_back(running):
    await ask(running)

    told = await asyncio.gather(take_back(running), take_back(running), return_exceptions=True)

    assert sorted(type(one).__name__ for one in told) == ["NoneType", "NotTakenBack"]


@pytest.mark.parametrize("by", [OWEN, MIA, FIN, SAM])
async def test_nobody_else_takes_it_back(running, by):
    await ask(running)

    with pytest.raises(NotAllowed):
        await take_back(running, by=by)

    assert (await overrides(running))[0].ended_at is None


async def end(database, now):
    async with database.ledger() as ledger:
        await end_take_backs(ledger, ORGANISATION, now)


async def left_of_the_buttons(database):
    """What the channel and the approver read now; that no button is left is asserted."""
    [card] = await said(database, act="update", to="C0SEARCH")
    [word] = await said(database, act="update", to=ANA)
    assert not card_of(card).has_buttons
    assert not card_of(word).has_buttons
    return card.text, word.text


def card_of(row):
    return Card(row.text, tuple(row.blocks))


async def test_taken_back_the_approver_s_button_goes_too(running):
    await ask(running)

    await take_back(running)

    for text in await left_of_the_buttons(running):
        assert f"Taken back by <@{ANA}>" in text


async def test_what_waits_for_the_approver_s_morning_has_no_button_by_then(running):
    night = datetime(2026, 11, 23, 22, tzinfo=UTC)
    await ask(running, now=night)

    await take_back(running, now=night + timedelta(hours=1))

    async with running.reading() as ledger:
        word = await ledger.held_words.card(f"request:r-1:told:{ANA}")
    assert not word.has_buttons
    assert "Taken back by" in word.text


async def test_after_the_day_the_buttons_go_once(running):
    await ask(running)
    await end(running, MONDAY + timedelta(hours=23, minutes=59))
    assert await said(running, act="update", to="C0SEARCH") == []

    for minutes in (0, 1):
        await end(running, MONDAY + timedelta(days=1, minutes=minutes))

    for text in await left_of_the_buttons(running):
        assert "it ends by itself Mon 30 Nov 00:00 CET" in text


async def test_of_two_clocks_at_once_one_takes_the_buttons_away(running):
    await ask(running)

    await asyncio.gather(*(end(running, MONDAY + timedelta(days=1)) for _ in range(3)))

    await left_of_the_buttons(running)


async def test_when_it_has_ended_within_the_day_the_buttons_go(running):
    await ask(running, a_draft(amount=Decimal(20), cap=CapKind.DAILY))

    await end(running, MONDAY + timedelta(hours=15))

    for text in await left_of_the_buttons(running):
        assert "It ended Tue 24 Nov 00:00 CET: nothing is left to take back" in text


async def test_when_its_workflow_is_retired_the_buttons_go(running):
    await ask(running)
    async with running.ledger() as ledger:
        before = await ledger.workflows.get("search-ranking")
        await retire(ledger, ORGANISATION, before, SAM, "", LATER)

    await end(running, LATER)

    for text in await left_of_the_buttons(running):
        assert "nothing is left to take back" in text


async def test_after_a_day_it_stays(running):
    await ask(running)

    with pytest.raises(NotTakenBack, match="over"):
        await take_back(running, now=MONDAY + timedelta(days=1))


LIMITS = replace(
    ORGANISATION,
    policy=replace(
        ORGANISATION.policy,
        largest_raise=PerClass(Decimal(1), Decimal(1), Decimal(50)),
        longest_raise_days=PerClass(Decimal(1), Decimal(1), Decimal(2)),
    ),
)


async def test_too_large_and_too_long_is_refused_beside_its_fields(running):
    with pytest.raises(NotAskable, match=r"at most \$50.00") as refused:
        await ask(running, a_draft(amount=Decimal(51), cap=CapKind.DAILY), organisation=LIMITS)
    with pytest.raises(Wrong) as wrong:
        long = a_draft(amount=Decimal(51), until=Until.DAYS, days=3)
        await ask(running, long, organisation=LIMITS)

    assert refused.value.field == "amount"
    assert [one.field for one in wrong.value.found] == ["amount", "days"]
    assert await overrides(running) == ()


async def expedite(database, words="search-ranking 3 of 3 outcomes met", by=SAM):
    async with database.ledger() as ledger:
        return await expedite_workflow(
            words, by=by, ledger=ledger, organisation=ORGANISATION, now=MONDAY
        )


async def approve(database, by=ANA):
    async with database.ledger() as ledger:
        reply = Reply("r-1", by, "C0SEARCH", State.APPROVED)
        return await answer_request(reply, ledger, ORGANISATION, LATER)


LARGE = a_draft(amount=Decimal(900))


async def test_proven_return_needs_only_the_approver_and_finance_is_told(running):
    card = await expedite(running)
    request = await ask(running, LARGE)

    answered = await approve(running)

    assert "3 of 3 outcomes met" in card.text
    assert request.path is Path.EXPEDITED
    assert "Expedited" in (await said(running, to="C0SEARCH"))[1].text
    assert answered.state is State.APPROVED
    assert "expedited path" in (await said(running, to=FIN))[0].text
    assert [one.what for one in await trail(running)][-1] == "put it on the expedited path"


async def test_taken_off_while_a_request_waits_finance_is_asked_again(running):
    await expedite(running)
    await ask(running, LARGE)
    await expedite(running, "search-ranking off")

    answered = await approve(running)

    assert answered.state is State.WAITING
    edits = await said(running, act="update", to="C0SEARCH")
    assert f"<@{FIN}>" in edits[-1].text


@pytest.mark.parametrize("by", [ANA, OWEN, FIN])
async def test_only_an_admin_marks(running, by):
    with pytest.raises(NotAllowed, match=SAM):
        await expedite(running, by=by)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("search-ranking", "what proves"),
        ("search-ranking off", "not on the expedited path"),
        ("serch-ranking because", "Did you mean"),
    ],
)
async def test_wrong_words_are_answered_with_what_to_type(running, words, hint):
    with pytest.raises(Refusal, match=hint):
        await expedite(running, words)


async def test_two_admins_at_once_mark_it_once(running):
    told = await asyncio.gather(*(expedite(running) for _ in range(3)), return_exceptions=True)

    assert sum(isinstance(one, Refusal) for one in told) == 2
    assert len(await trail(running)) == 1
