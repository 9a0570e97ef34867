import asyncio
import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.approval import Outdated
from bot.periods import CapKind
from bot.policy import Policy
from bot.refusal import NotAllowed, Refusal, Unknown
from bot.requests import NotAskable, NotWaiting, Reply, State, Until
from bot.workflows import Caps, Status
from handlers.flows.answer_request import answer_request
from handlers.flows.look_over_requests import look_over_requests
from handlers.flows.request_more import request_more
from handlers.flows.withdraw_request import withdraw_request
from handlers.steps.raise_alerts import raise_alerts
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
from tests.spending import spend

ORGANISATION = an_organisation()
SEARCH = "C0SEARCH"
LATER = MONDAY + timedelta(hours=1)
WEEK_END = datetime(2026, 11, 29, 23, tzinfo=UTC)


@pytest.fixture
async def asked(database):
    """The database with an active workflow and a request for 100 more this week, `r-1`."""
    async with database.ledger() as ledger:
        await ledger.organisation.save(ORGANISATION)
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow())
    await ask(database)
    return database


async def ask(database, draft=None, request="r-1", now=MONDAY):
    async with database.ledger() as ledger:
        await request_more(request, draft or a_draft(), ledger, ORGANISATION, now)


async def answer(database, by=ANA, verdict=State.APPROVED, now=LATER, **named):
    reply = Reply("r-1", by, SEARCH, verdict, "No budget left." if verdict is State.DENIED else "")
    organisation = named.pop("organisation", ORGANISATION)
    async with database.ledger() as ledger:
        return await answer_request(replace(reply, **named), ledger, organisation, now)


async def withdraw(database, by=OWEN, now=LATER, **named):
    async with database.ledger() as ledger:
        await withdraw_request(replace(Reply("r-1", by, SEARCH), **named), ledger, now)


async def state(database, request="r-1"):
    async with database.reading() as ledger:
        return (await ledger.requests.get(request)).state


async def granted(database):
    async with database.reading() as ledger:
        return await ledger.overrides.of("search-ranking")


async def workflow_of(database):
    async with database.reading() as ledger:
        return await ledger.workflows.get("search-ranking")


async def trail(database):
    async with database.reading() as ledger:
        return await ledger.changes.of("search-ranking")


async def card(database):
    """What the card in the channel says now."""
    return (await said(database, act="update", to=SEARCH))[-1]


async def change(database, **named):
    async with database.ledger() as ledger:
        workflow = await ledger.workflows.get("search-ranking")
        await ledger.workflows.save(replace(workflow, **named))


async def test_approved_it_is_an_override_from_now_until_the_weeks_end(asked):
    await answer(asked)

    (override,) = await granted(asked)
    assert (override.start, override.end) == (LATER, WEEK_END)
    assert (override.amount, override.cap) == (Decimal(100), CapKind.WEEKLY)
    assert (override.request, override.granted_by) == ("r-1", ANA)
    assert await state(asked) is State.APPROVED


async def test_the_card_says_who_when_how_much_and_until_and_loses_its_buttons(asked):
    await answer(asked)

    edited = await card(asked)
    assert edited.target == "request:r-1"
    assert edited.text.startswith(
        "✅ Approved by <@U0ANA>, Mon 23 Nov 11:00 CET: "
        "by $100.00, to $350.00, until Mon 30 Nov 00:00 CET. "
        "The weekly cap is now $350.00; $0.00 (0 %) is spent."
    )
    assert "<@U0OWEN> asks for $100.00 more" in edited.text
    assert "actions" not in [block["type"] for block in edited.blocks]


async def test_the_requester_is_told_of_the_yes(asked):
    await answer(asked)

    told = (await said(asked, to=OWEN))[-1]
    assert told.text.startswith(
        "Your request for $100.00 more on the weekly cap of *Search ranking*: ✅ Approved"
    )


async def test_the_owner_is_told_once_of_what_somebody_else_asked_and_got(asked):
    await withdraw(asked)
    await spend(asked, a_workflow(), "100", MONDAY)
    large = a_draft(asked_by=MIA, amount=Decimal(550))
    await ask(asked, large, request="r-2")
    before = await said(asked, to=OWEN)

    for by in (ANA, FIN):
        await answer(asked, by=by, request="r-2")

    [told] = (await said(asked, to=OWEN))[len(before) :]
    assert told.text.startswith(
        "<@U0MIA> asked for $550.00 more on the weekly cap of *Search ranking*, which you own: "
        "✅ Approved by <@U0FIN>, Mon 23 Nov 11:00 CET: by $550.00, to $800.00, until "
        "Mon 30 Nov 00:00 CET. The weekly cap is now $800.00; $100.00 (12 %) is spent. "
        "Data through"
    )
    assert "Before that, <@U0ANA> approved" in told.text


async def test_an_owner_who_asked_hears_it_once(asked):
    await answer(asked)

    answers = [one.text for one in await said(asked, to=OWEN) if "✅ Approved" in one.text]
    assert [text.partition(" for ")[0] for text in answers] == ["Your request"]


async def test_whoever_approved_and_owns_it_since_is_not_told_so(asked):
    await withdraw(asked)
    await ask(asked, a_draft(asked_by=MIA, amount=Decimal(550)), request="r-2")
    await answer(asked, request="r-2")
    await change(asked, owner=ANA)

    await answer(asked, by=FIN, request="r-2")

    assert await state(asked, "r-2") is State.APPROVED
    assert [one.text for one in await said(asked, to=ANA) if "which you own" in one.text] == []


async def test_the_figures_of_the_card_stay_as_they_were_when_it_was_posted(asked):
    await spend(asked, a_workflow(), "100", LATER)

    await answer(asked)

    assert "$0.00 of the weekly $250.00 (0 %)" in (await card(asked)).text


async def test_the_answer_carries_the_threshold_reached_and_no_second_alert_follows(database):
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow())
    await ask(database)
    await spend(database, a_workflow(), "320", MONDAY)

    await answer(database)

    before = len(await said(database))
    async with database.ledger() as ledger:
        await raise_alerts(ledger, ORGANISATION, ["search-ranking"], LATER)
    assert "$320.00 (91 %) is spent, past its 90 % mark." in (await card(database)).text
    assert len(await said(database)) == before


async def test_approving_is_in_the_workflows_history(asked):
    await answer(asked)

    newest = (await trail(asked))[0]
    assert newest.actor == ANA
    assert newest.what == (
        "approved: by $100.00, to $350.00, until Mon 30 Nov 00:00 CET (weekly cap)"
    )
    assert (newest.before, newest.after) == (
        {"request:r-1": "waiting", "weekly_cap in force": "250"},
        {
            "request:r-1": "approved",
            "weekly_cap in force": "350",
            "amount": "100",
            "until": "2026-11-29T23:00:00+00:00",
        },
    )


async def test_the_clock_starts_at_approval(asked):
    await ask(asked, a_draft(cap=CapKind.MONTHLY, until=Until.DAYS, days=3), "r-2")
    two_days_on = MONDAY + timedelta(days=2)

    await answer(asked, request="r-2", now=two_days_on)

    (override,) = await granted(asked)
    assert (override.start, override.end) == (two_days_on, two_days_on + timedelta(days=3))


async def test_approved_in_the_next_week_it_is_for_that_week(database):
    organisation = an_organisation(policy=Policy("Europe/Berlin", request_expires_hours=240))
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow())
        await request_more("r-1", a_draft(), ledger, organisation, MONDAY)

    a_week_on = MONDAY + timedelta(days=7)
    with pytest.raises(Outdated, match=r"until Mon 7 Dec 00:00 CET"):
        await answer(database, now=a_week_on)
    async with database.ledger() as ledger:
        await look_over_requests(ledger, organisation, a_week_on)
    with pytest.raises(Outdated, match=r"until Mon 7 Dec 00:00 CET"):
        await answer(database, now=a_week_on, edition=1)
    await answer(database, now=a_week_on, edition=2)

    (override,) = await granted(database)
    assert override.end == WEEK_END + timedelta(days=7)


async def test_for_good_the_base_is_raised_and_the_change_is_the_approvers(asked):
    await withdraw(asked)
    await ask(asked, a_draft(until=Until.PERMANENT), "r-2")

    await answer(asked, request="r-2")

    workflow = await workflow_of(asked)
    assert workflow.caps.weekly == Decimal(350)
    assert await granted(asked) == ()
    assert "by $100.00, to a base of $350.00, for good." in (await card(asked)).text
    raised = (await trail(asked))[1]
    assert (raised.actor, raised.what) == (ANA, "raised the weekly cap")
    assert Decimal(raised.after["weekly_cap"]) == Decimal(350)


async def test_a_raise_that_would_now_stand_above_the_monthly_cap_is_refused(asked):
    await ask(asked, a_draft(cap=CapKind.MONTHLY, until=Until.PERMANENT), "r-2")
    await withdraw(asked)
    await ask(asked, a_draft(amount=Decimal(400), until=Until.PERMANENT), "r-3")
    await change(asked, caps=Caps(weekly=Decimal(250), monthly=Decimal(600)))

    with pytest.raises(NotAskable, match=r"\$650.00 is above the monthly cap \$600.00"):
        await answer(asked, request="r-3")

    assert await state(asked, "r-3") is State.WAITING
    assert (await workflow_of(asked)).caps.weekly == Decimal(250)


async def test_paused_it_cannot_be_approved_and_says_what_to_do(asked):
    await change(asked, status=Status.PAUSED)

    with pytest.raises(NotAskable, match="/budget resume search-ranking"):
        await answer(asked)

    assert await state(asked) is State.WAITING


async def test_denied_with_a_reason_the_requester_and_the_channel_read_it(asked):
    await answer(asked, verdict=State.DENIED)

    assert await state(asked) is State.DENIED
    assert await granted(asked) == ()
    says = "❌ Denied by <@U0ANA>, Mon 23 Nov 11:00 CET: No budget left."
    assert (await card(asked)).text.startswith(says)
    assert says in (await said(asked, to=OWEN))[-1].text
    assert (await trail(asked))[0].reason == "No budget left."


@pytest.mark.parametrize("reason", ["", "  \n ", "\u200b", "x" * 701])
async def test_a_no_without_a_readable_reason_is_refused(asked, reason):
    with pytest.raises(Refusal) as refused:
        await answer(asked, verdict=State.DENIED, reason=reason)

    assert refused.value.field == "reason"
    assert await state(asked) is State.WAITING


async def test_withdrawn_by_whoever_asked_it_is_gone(asked):
    await withdraw(asked)

    assert await state(asked) is State.WITHDRAWN
    assert (await card(asked)).text.startswith("↩️ Withdrawn by <@U0OWEN>, Mon 23 Nov 11:00 CET.")
    assert "Withdrawn" in (await said(asked, to=OWEN))[-1].text


@pytest.mark.parametrize("by", [ANA, MIA, SAM, FIN])
async def test_nobody_else_withdraws_it(asked, by):
    with pytest.raises(NotAllowed, match="Only <@U0OWEN>"):
        await withdraw(asked, by)

    assert await state(asked) is State.WAITING


@pytest.mark.parametrize("verdict", [State.APPROVED, State.DENIED])
@pytest.mark.parametrize(
    ("named", "refusal", "says"),
    [
        pytest.param({"by": OWEN}, NotAllowed, "own request", id="the requester and owner"),
        pytest.param({"by": MIA}, NotAllowed, "not its approver", id="a member"),
        pytest.param({"by": SAM}, NotAllowed, "<@U0ANA> may answer", id="an admin"),
        pytest.param({"channel": "C0OTHER"}, NotAllowed, "in <#C0SEARCH>", id="another channel"),
        pytest.param({"channel": ""}, NotAllowed, "in <#C0SEARCH>", id="no channel"),
        pytest.param({"request": "r-9"}, Unknown, "no such request", id="an unknown one"),
        pytest.param({"request": "' OR 1=1"}, Unknown, "no such request", id="a forged value"),
        pytest.param(
            {"now": MONDAY + timedelta(hours=72)}, NotWaiting, "expired", id="after it ran out"
        ),
    ],
)
async def test_what_must_not_be_answered_is_refused_and_nothing_changes(
    asked, verdict, named, refusal, says
):
    before = len(await said(asked)), len(await trail(asked))

    with pytest.raises(refusal, match=says):
        await answer(asked, verdict=verdict, **named)

    assert await state(asked) is State.WAITING
    assert await granted(asked) == ()
    assert (len(await said(asked)), len(await trail(asked))) == before
    assert await said(asked, act="update") == []


@pytest.mark.parametrize("second", [State.APPROVED, State.DENIED])
async def test_the_second_answer_hears_who_was_first(asked, second):
    await answer(asked)

    with pytest.raises(NotWaiting, match=r"Already approved by <@U0ANA>, <!date\^"):
        await answer(asked, verdict=second)

    assert len(await granted(asked)) == 1


async def test_what_was_withdrawn_cannot_be_approved(asked):
    await withdraw(asked)

    with pytest.raises(NotWaiting, match="Already withdrawn by <@U0OWEN>"):
        await answer(asked)


async def test_what_was_approved_cannot_be_withdrawn(asked):
    await answer(asked)

    with pytest.raises(NotWaiting, match="Already approved"):
        await withdraw(asked)


async def test_todays_roles_decide_not_those_of_when_it_was_asked(asked):
    async with asked.ledger() as ledger:
        await ledger.teams.save(a_team(approver="U0KIM"))

    with pytest.raises(NotAllowed, match="<@U0KIM> may answer"):
        await answer(asked, ANA)
    await answer(asked, "U0KIM")

    assert await state(asked) is State.APPROVED


async def test_what_was_granted_meanwhile_makes_it_a_matter_for_finance(asked):
    tighter = an_organisation(policy=Policy("Europe/Berlin", finance_over=Decimal(50)))

    await answer(asked, organisation=tighter)

    assert await state(asked) is State.WAITING
    await answer(asked, FIN, organisation=tighter)

    assert await state(asked) is State.APPROVED


async def test_an_owner_who_hands_the_workflow_over_still_cannot_approve(asked):
    await withdraw(asked)
    await ask(asked, a_draft(asked_by=MIA), "r-2")
    async with asked.ledger() as ledger:
        await ledger.teams.save(a_team(approver=OWEN))
    await change(asked, owner=MIA)

    with pytest.raises(NotAllowed, match="An owner does not approve"):
        await answer(asked, OWEN, request="r-2")


def one_winner(results):
    won = [one for one in results if not isinstance(one, BaseException)]
    lost = [one for one in results if isinstance(one, BaseException)]
    assert len(won) == 1, results
    assert [type(one) for one in lost] == [NotWaiting], results
    return won[0], lost[0]


TWO_OF_FINANCE = an_organisation(finance=(FIN, SAM))


async def test_two_people_pressing_at_once_have_one_winner_and_the_other_is_told(asked):
    async with asked.ledger() as ledger:
        await ledger.teams.save(a_team(approver=None))
    for round_ in range(10):
        request = f"big-{round_}"
        await ask(asked, a_draft(amount=Decimal(501), cap=CapKind.MONTHLY), request, LATER)
        verdicts = itertools.islice(
            itertools.cycle((State.APPROVED, State.DENIED)), round_, round_ + 2
        )
        results = await asyncio.gather(
            *(
                answer(
                    asked, by, verdict, request=request, organisation=TWO_OF_FINANCE, reason="No."
                )
                for by, verdict in zip((FIN, SAM), verdicts, strict=True)
            ),
            return_exceptions=True,
        )

        winner, loser = one_winner(results)
        assert f"Already {winner.state} by <@{winner.answered_by}>" in str(loser)
        assert await state(asked, request) is winner.state


async def test_two_replicas_answering_at_once_have_one_winner(asked):
    other = Database(asked.url.render_as_string(hide_password=False))
    try:
        results = await asyncio.gather(
            answer(asked), answer(other), answer(asked), answer(other), return_exceptions=True
        )
    finally:
        await other.close()

    won = [one for one in results if not isinstance(one, BaseException)]
    assert len(won) == 1, results
    assert all(isinstance(one, NotWaiting) for one in results if one is not won[0]), results
    assert len(await granted(asked)) == 1
    assert len(await said(asked, act="update", to=SEARCH)) == 1


async def test_approving_and_withdrawing_at_once_have_one_winner(asked):
    results = await asyncio.gather(answer(asked), withdraw(asked), return_exceptions=True)

    one_winner(results)
    assert len(await granted(asked)) == (await state(asked) is State.APPROVED)
