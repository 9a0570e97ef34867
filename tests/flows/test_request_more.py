import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.chain import NobodyMayApprove
from bot.people import Person
from bot.periods import CapKind
from bot.refusal import Refusal, Unknown
from bot.requests import NotAskable, State, Step, Until, raises
from bot.workflows import Caps
from handlers.flows.request_more import preview_request, request_more
from handlers.steps.open_request import open_request
from handlers.steps.weigh_request import AskedAlready
from tests.builders import (
    ANA,
    FIN,
    MIA,
    MONDAY,
    OWEN,
    a_draft,
    a_team,
    a_workflow,
    an_organisation,
    an_override,
)
from tests.outbox import said
from tests.spending import spend

ORGANISATION = an_organisation()
SEARCH = "C0SEARCH"
LATER = MONDAY + timedelta(hours=1)


@pytest.fixture
async def registry(database):
    """The database with one active workflow: 250 a week, 900 a month."""
    async with database.ledger() as ledger:
        await ledger.organisation.save(ORGANISATION)
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow())
    return database


async def ask(database, draft=None, now=MONDAY, *, request="r-1", organisation=ORGANISATION):
    async with database.ledger() as ledger:
        return await request_more(request, draft or a_draft(), ledger, organisation, now)


async def stored(database, request="r-1"):
    async with database.reading() as ledger:
        return await ledger.requests.find(request)


async def test_it_is_kept_until_it_is_answered_or_runs_out(registry):
    request = await ask(registry)

    assert await stored(registry) == request
    assert (request.state, request.step, request.owner) == (State.WAITING, Step.APPROVER, OWEN)
    assert (request.channel, request.expires_at) == (SEARCH, MONDAY + timedelta(hours=72))


async def test_the_channel_gets_a_card_that_mentions_the_approver_and_holds_the_buttons(registry):
    await spend(registry, a_workflow(), "212.40", MONDAY)

    await ask(registry)

    (card,) = await said(registry, to=SEARCH)
    assert card.key == "request:r-1"
    assert card.text.startswith(
        "<@U0OWEN> asks for $100.00 more on the weekly cap of *Search ranking*, from approval "
        "until Mon 30 Nov 00:00 CET: $250.00 → $350.00."
    )
    assert card.text.endswith(
        "Asked: <@U0ANA>.\n"
        "Reminders 8, 24, 48 h after this step began.\n"
        "From Tue 24 Nov 22:00 CET finance may answer as well.\n"
        "Unanswered, it expires Thu 26 Nov 10:00 CET."
    )
    assert "Why: Launch week." in card.text
    assert "Outcome: p95 latency, target under 2 s by Friday" in card.text
    assert "$212.40 of the weekly $250.00 (84 %)" in card.text
    buttons = [one for block in card.blocks[-2:] for one in block["elements"]]
    assert [(one["text"]["text"], one["action_id"]) for one in buttons] == [
        ("Approve", "request.approve"),
        ("Approve less…", "request.less"),
        ("Ask…", "request.ask"),
        ("Deny…", "request.deny"),
        ("Amend…", "request.amend"),
        ("Withdraw", "request.withdraw"),
    ]
    assert {one["value"] for one in buttons} == {"r-1|1"}


async def test_the_requester_is_told_that_it_is_sent(registry):
    await ask(registry, a_draft(asked_by=MIA))

    (told,) = await said(registry, to=MIA)
    assert told.text.startswith("Your request is sent: +$100.00 on the weekly cap")


async def test_asking_is_in_the_workflows_history(registry):
    await ask(registry)

    async with registry.reading() as ledger:
        (change, *_) = await ledger.changes.of("search-ranking")
    assert (change.actor, change.what) == (OWEN, "asked for $100.00 more on the weekly cap")
    assert (change.after, change.reason) == ({"request:r-1": "waiting"}, "Launch week.")


async def test_the_card_goes_to_the_workflows_own_channel(database):
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow(channel="C0RANKING"))

    await ask(database)

    assert [card.key for card in await said(database, to="C0RANKING")] == ["request:r-1"]


async def test_sent_twice_it_is_asked_once(registry):
    await ask(registry)
    again = await ask(registry, now=LATER)

    assert again.asked_at == MONDAY
    assert len(await said(registry, to=SEARCH)) == 1


async def test_a_second_request_for_the_same_cap_hears_who_asked_and_when(registry):
    async with registry.ledger() as ledger:
        await ledger.people.save(Person(OWEN, "Owen", None, False, False, MONDAY))
    await ask(registry)

    with pytest.raises(AskedAlready) as refused:
        await ask(registry, a_draft(asked_by=MIA), request="r-2")

    assert refused.value.field == "cap"
    assert str(refused.value) == (
        "Owen asked for $100.00 more on this cap already, Mon 23 Nov 10:00 CET. "
        "It waits for an answer until Thu 26 Nov 10:00 CET."
    )
    assert await stored(registry, "r-2") is None


async def test_another_cap_may_be_asked_for_at_the_same_time(registry):
    await ask(registry)
    await ask(registry, a_draft(cap=CapKind.MONTHLY), request="r-2")

    assert len(await said(registry, to=SEARCH)) == 2


async def test_two_people_asking_at_once_get_one_request(registry):
    drafts = [a_draft(asked_by=one) for one in (OWEN, MIA)]
    asked = await asyncio.gather(
        *(ask(registry, draft, request=f"r-{draft.asked_by}") for draft in drafts),
        return_exceptions=True,
    )

    assert [type(one).__name__ for one in sorted(asked, key=str)] in (
        ["AskedAlready", "Request"],
        ["Request", "AskedAlready"],
    )
    assert len(await said(registry, to=SEARCH)) == 1


async def test_one_that_ran_out_stands_in_nobodys_way_though_the_clock_did_not_come_round(registry):
    await ask(registry)
    much_later = MONDAY + timedelta(hours=72)

    await ask(registry, a_draft(asked_by=MIA), much_later, request="r-2")

    old, new = await stored(registry), await stored(registry, "r-2")
    assert (old.state, new.state) == (State.EXPIRED, State.WAITING)
    assert [one.key for one in await said(registry, to=OWEN)][-1] == "request:r-1:expired"


TWO_STEPS = "*1 of 2*: asked: <@U0ANA>.\n*2 of 2*: then finance: <@U0FIN>."


async def test_above_the_limit_finance_is_asked_after_the_approver(registry):
    await ask(registry, a_draft(amount=Decimal(501)))

    (card,) = await said(registry, to=SEARCH)
    assert TWO_STEPS in card.text


async def test_finance_that_stands_in_for_an_approver_hears_it_by_direct_message(registry):
    async with registry.ledger() as ledger:
        await ledger.teams.save(a_team(approver=None))

    await ask(registry)

    (told,) = await said(registry, to=FIN)
    assert told.text.startswith("⏳ <@U0OWEN>'s request for $100.00 more on the weekly cap")
    assert "waits for you" in told.text


async def test_splitting_it_reaches_finance_all_the_same(registry):
    async with registry.ledger() as ledger:
        await ledger.overrides.add(an_override(amount=Decimal(450)))

    await ask(registry)

    (card,) = await said(registry, to=SEARCH)
    assert TWO_STEPS in card.text


async def test_nobody_left_to_approve_is_said_at_once(registry):
    organisation = an_organisation(finance=(), admins=())

    with pytest.raises(NobodyMayApprove):
        await ask(registry, a_draft(asked_by=ANA), organisation=organisation)

    assert await stored(registry) is None
    assert await said(registry) == []


async def test_an_unknown_workflow_is_refused(registry):
    with pytest.raises(Unknown):
        await ask(registry, a_draft(workflow="nothing"))


async def test_the_preview_saves_nothing(registry):
    async with registry.ledger() as ledger:
        asking = await preview_request("r-1", a_draft(), ledger, ORGANISATION, MONDAY)

    assert asking is not None

    assert asking.effect.after == Decimal(350)
    assert asking.chain.running.people == (ANA,)
    assert await said(registry) == []


async def test_the_preview_refuses_what_sending_would_refuse(registry):
    await ask(registry)

    async with registry.reading() as ledger:
        with pytest.raises(AskedAlready):
            await preview_request("r-1", a_draft(asked_by=MIA), ledger, ORGANISATION, MONDAY)


async def test_the_raises_of_an_edit_are_asked_one_by_one(registry):
    wanted = Caps(weekly=Decimal(1000), monthly=Decimal(1300))
    drafts = raises(a_workflow(), wanted, by=OWEN, reason="Twice as many people.")

    async with registry.ledger() as ledger:
        asked = [await open_request(ledger, ORGANISATION, one, MONDAY) for one in drafts]

    assert [(one.cap, one.amount) for one in asked] == [
        (CapKind.MONTHLY, Decimal(400)),
        (CapKind.WEEKLY, Decimal(750)),
    ]
    assert TWO_STEPS in (await said(registry, to=SEARCH))[1].text
    assert len({one.id for one in asked}) == 2
    assert "for good, from approval: base cap $900.00 → $1,300.00." in (
        (await said(registry, to=SEARCH))[0].text
    )


async def test_a_raise_above_the_monthly_cap_alone_is_refused(registry):
    with pytest.raises(NotAskable, match="above the monthly cap"):
        await ask(registry, a_draft(amount=Decimal(651), until=Until.PERMANENT))


async def test_a_refused_request_leaves_nothing_behind(registry):
    with pytest.raises(Refusal):
        await ask(registry, a_draft(amount=Decimal(0)))

    async with registry.reading() as ledger:
        assert await ledger.changes.of("search-ranking") == ()
        assert await ledger.requests.waiting() == ()


async def test_what_is_spent_in_other_caps_is_a_warning_before_it_is_asked(registry):
    await spend(registry, a_workflow(caps=Caps()), "860", MONDAY)

    await ask(registry, a_draft(cap=CapKind.WEEKLY, amount=Decimal(700), asked_by=MIA))

    (card,) = await said(registry, to=SEARCH)
    assert "The monthly cap has $40.00 left: it stops before all of this is spent." in card.text
    assert FIN in card.text
