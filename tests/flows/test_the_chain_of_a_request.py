"""What happens to a request between asking and its end, on both databases and by two at once."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.delegations import Delegation
from bot.policy import Policy
from bot.refusal import NotAllowed, Refusal
from bot.requests import Less, NotWaiting, Reply, State, Until
from bot.workflows import Status
from handlers.flows.amend_request import amend_request
from handlers.flows.answer_request import answer_request
from handlers.flows.ask_back import ask_back
from handlers.flows.escalate_requests import escalate_requests
from handlers.flows.expire_requests import expire_requests
from handlers.flows.hear_requester import hear_requester
from handlers.flows.remind_requests import remind_requests
from handlers.flows.request_more import request_more
from handlers.flows.withdraw_request import withdraw_request
from handlers.steps.take_reply import Words
from storage.database import Database
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
from tests.registry import settled
from tests.requesting import HOUR, LATER, ORGANISATION, SEARCH, answers, asks, found


@pytest.fixture
async def asked(database):
    """The database with a request of 600 that needs the approver and finance, `r-1`."""
    await settled(database, a_workflow())
    await asks(database, amount=Decimal(600))
    return database


async def does(database, flow, *args, now=LATER, organisation=ORGANISATION):
    async with database.ledger() as ledger:
        return await flow(*args, ledger, organisation, now)


async def amends(database, by=MIA, now=LATER, **named):
    draft = a_draft(asked_by=by, **{"amount": Decimal(700)} | named)
    return await does(database, amend_request, Reply("r-1", by, None), draft, now=now)


async def tick(database, job, now):
    async with database.ledger() as ledger:
        return await job(ledger, ORGANISATION, now)


async def trail(database):
    async with database.reading() as ledger:
        return [(one.actor, one.what) for one in await ledger.changes.of("search-ranking")]


async def keys(database, to):
    return [one.key for one in await said(database, to=to)]


async def test_each_step_is_in_the_history(asked):
    await answers(asked, less=Less(Decimal(550), Until.PERIOD), reason="Less will do.")
    await does(asked, ask_back, Reply("r-1", FIN, SEARCH, reason="Why?"))
    words = Words(MIA, SEARCH, "1.1", "Because.")
    await does(asked, hear_requester, "r-1", words)
    await amends(asked)

    assert (await trail(asked))[:4] == [
        (MIA, "amended: $600.00 more on the weekly cap → $700.00 more on the weekly cap"),
        (MIA, "replied to a question"),
        (FIN, "asked about the request"),
        (ANA, "approved the approver step: $600.00 more on the weekly cap, $550.00 of it"),
    ]


async def test_the_history_keeps_what_changed_and_for_whom(asked):
    days = timedelta(days=2)
    away = Delegation("d-1", ANA, SAM, MONDAY, MONDAY + days, "away")
    stands_in = an_organisation(delegations=(away,))
    await does(asked, answer_request, Reply("r-1", SAM, SEARCH), organisation=stands_in)
    await amends(asked)

    async with asked.reading() as ledger:
        amended, approved, *_ = await ledger.changes.of("search-ranking")
    assert (approved.actor, approved.after["instead_of"]) == (SAM, ANA)
    assert (approved.before["request:r-1:step"], approved.after["request:r-1:step"]) == (
        "approver",
        "finance",
    )
    assert Decimal(amended.before["request:r-1:amount"]) == Decimal(600)
    assert Decimal(amended.after["request:r-1:amount"]) == Decimal(700)


async def test_a_reply_that_slack_repeats_is_heard_once(asked):
    await does(asked, ask_back, Reply("r-1", ANA, SEARCH, reason="Why?"))
    words = Words(MIA, SEARCH, "1.1", "Because.")

    first = await does(asked, hear_requester, "r-1", words)
    again = await does(asked, hear_requester, "r-1", words)

    assert (first is None, again) == (False, None)
    assert (await found(asked)).questions[0].answer == "Because."
    assert len(await said(asked, act="react")) == 1


@pytest.mark.parametrize(
    ("by", "text"), [(OWEN, "Because."), (ANA, "Because."), (MIA, "\u200b")], ids=str
)
async def test_other_words_in_the_thread_are_left_alone(asked, by, text):
    await does(asked, ask_back, Reply("r-1", ANA, SEARCH, reason="Why?"))

    assert await does(asked, hear_requester, "r-1", Words(by, SEARCH, "1.1", text)) is None
    assert await said(asked, act="react") == []


async def test_words_that_nobody_asked_for_are_left_alone(asked):
    assert await does(asked, hear_requester, "r-1", Words(MIA, SEARCH, "1.1", "Hi.")) is None


async def test_after_the_end_nothing_is_asked_heard_or_amended(asked):
    await does(asked, ask_back, Reply("r-1", ANA, SEARCH, reason="Why?"))
    async with asked.ledger() as ledger:
        await withdraw_request(Reply("r-1", MIA, SEARCH), ledger, LATER)

    assert await does(asked, hear_requester, "r-1", Words(MIA, SEARCH, "1.1", "So.")) is None
    with pytest.raises(NotWaiting, match="Already withdrawn by <@U0MIA>"):
        await does(asked, ask_back, Reply("r-1", ANA, SEARCH, reason="Why?"))
    with pytest.raises(NotWaiting, match="Already withdrawn"):
        await amends(asked)


async def test_only_those_who_may_answer_may_ask(asked):
    with pytest.raises(NotAllowed, match="own request"):
        await does(asked, ask_back, Reply("r-1", MIA, SEARCH, reason="Why?"))


async def test_what_could_not_be_asked_cannot_be_amended_to(asked):
    with pytest.raises(Refusal) as refused:
        await amends(asked, amount=Decimal(0))

    assert refused.value.field == "amount"
    assert (await found(asked)).amount == Decimal(600)


async def test_a_paused_workflow_holds_the_request_where_it_is(asked):
    async with asked.ledger() as ledger:
        workflow = await ledger.workflows.get("search-ranking")
        await ledger.workflows.save(replace(workflow, status=Status.PAUSED))

    with pytest.raises(Refusal, match="/budget resume"):
        await answers(asked)

    assert (await found(asked)).approvals == ()
    assert await tick(asked, remind_requests, MONDAY + 8 * HOUR) == 1


async def test_two_replicas_remind_and_escalate_once(asked):
    other = Database(asked.url.render_as_string(hide_password=False))
    late = MONDAY + 36 * HOUR
    try:
        for job in (remind_requests, escalate_requests):
            done = await asyncio.gather(
                *(tick(one, job, late) for one in (asked, other, asked, other))
            )
            assert sum(done) == 1, job
    finally:
        await other.close()

    assert (await found(asked)).escalated_at == late
    assert ("budget-bot", "unanswered: finance may answer as well") in await trail(asked)


async def test_nobody_is_reminded_of_what_has_run_out(asked):
    late = MONDAY + 72 * HOUR

    done = [await tick(asked, job, late) for job in (remind_requests, escalate_requests)]

    assert done == [0, 0]
    assert await tick(asked, expire_requests, late) == 1


async def test_approving_and_amending_at_once_one_of_them_finds_it_changed(asked):
    for round_ in range(5):
        amount = Decimal(700 + round_)
        edition = (await found(asked)).edition
        results = await asyncio.gather(
            answers(asked, edition=edition),
            amends(asked, amount=amount),
            return_exceptions=True,
        )

        request = await found(asked)
        assert request.amount == amount, results
        assert request.approvals == ()
        refused = [one for one in results if isinstance(one, BaseException)]
        assert len(refused) <= 1
        assert all("it is for $70" in str(one) for one in refused)


async def test_two_of_a_step_at_once_one_goes_on_and_the_other_is_told(asked):
    async with asked.ledger() as ledger:
        await ledger.teams.save(a_team(approver=None))
    two = an_organisation(finance=(FIN, ANA))
    results = await asyncio.gather(
        *(
            does(asked, answer_request, Reply("r-1", by, SEARCH), organisation=two)
            for by in (FIN, ANA, FIN, ANA)
        ),
        return_exceptions=True,
    )

    won = [one for one in results if not isinstance(one, BaseException)]
    assert len(won) == 1
    assert all("Already approved by" in str(one) for one in results if one is not won[0])
    assert (await found(asked)).state is State.APPROVED


async def test_a_step_that_moves_on_restarts_the_reminders_and_not_the_expiry(asked):
    await answers(asked, now=MONDAY + 20 * HOUR)

    request = await found(asked)
    assert request.reminds_at == MONDAY + 28 * HOUR
    assert request.escalates_at == MONDAY + 56 * HOUR
    assert request.expires_at == MONDAY + 72 * HOUR
    await tick(asked, remind_requests, MONDAY + 28 * HOUR)
    assert not any("remind" in key for key in await keys(asked, ANA))
    assert any("remind" in key for key in await keys(asked, FIN))


@pytest.mark.parametrize(
    ("zone", "asked_at", "says"),
    [
        pytest.param(
            "Europe/Berlin",
            datetime(2026, 10, 23, 9, tzinfo=UTC),
            "Mon 26 Oct 10:00 CET",
            id="an hour more, in autumn",
        ),
        pytest.param(
            "America/Los_Angeles",
            datetime(2026, 3, 6, 18, tzinfo=UTC),
            "Mon 9 Mar 11:00 PDT",
            id="an hour less, in spring",
        ),
        pytest.param(
            "Pacific/Auckland",
            datetime(2028, 2, 28, 21, tzinfo=UTC),
            "Fri 3 Mar 10:00 NZDT",
            id="over 29 February",
        ),
        pytest.param(
            "Asia/Kolkata",
            datetime(2026, 12, 30, 4, tzinfo=UTC),
            "Sat 2 Jan 09:30 IST",
            id="over the year's end",
        ),
    ],
)
async def test_the_clock_that_is_stated_is_the_one_that_strikes(database, zone, asked_at, says):
    organisation = an_organisation(policy=Policy(timezone=zone))
    calendar = replace(a_workflow().calendars[0], zone=zone)
    workflow = a_workflow(calendars=(calendar,), activated_at=asked_at, status_since=asked_at)
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team(timezone=zone))
        await ledger.workflows.add(workflow)
        await request_more("r-1", a_draft(), ledger, organisation, asked_at)

    (card,) = await said(database, to=SEARCH)
    assert f"expires {says}." in card.text
    early = asked_at + 72 * HOUR - timedelta(seconds=1)
    assert await tick(database, expire_requests, early) == 0
    assert await tick(database, expire_requests, asked_at + 72 * HOUR) == 1


async def test_the_admins_are_the_last_who_may_be_asked_too(asked):
    await answers(asked)
    late = LATER + 36 * HOUR
    await tick(asked, escalate_requests, late)

    await answers(asked, SAM, now=late)

    assert (await found(asked)).answered_by == SAM
