"""Past the soft limit the owner finds a request drafted; nothing is sent by itself."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.cards.kit import when
from bot.delegations import Absence
from bot.drafts import DraftState, NotOpen
from bot.periods import CapKind
from bot.refusal import NotAllowed
from bot.snoozes import Snooze
from bot.workflows import Caps, Status
from handlers.flows.draft_requests import draft_requests
from handlers.slack.calls import Closes, Opens
from tests.builders import (
    ANA,
    MIA,
    MONDAY,
    OWEN,
    a_request,
    a_workflow,
    an_organisation,
    an_override,
)
from tests.outbox import said
from tests.registry import entered, holds, presses, settled, submits, trail
from tests.spending import spend

pytestmark = pytest.mark.usefixtures("clock")

# Nobody sleeps while this is tried: 20:00 to 07:00 would hold words back.
ORGANISATION = an_organisation()
WORKFLOW = a_workflow(caps=Caps(weekly=Decimal(250)))
SUNDAY = MONDAY + timedelta(days=6)


async def look(database, now=MONDAY, organisation=ORGANISATION):
    async with database.ledger() as ledger:
        await draft_requests(ledger, organisation, now)


async def drafts_of(database):
    async with database.reading() as ledger:
        found = await ledger.drafts.running(["search-ranking"], MONDAY)
    return list(found.values())


async def drafted(database, workflow=WORKFLOW, usd=230):
    desk = await settled(database, workflow)
    await spend(database, workflow, usd, MONDAY)
    await look(database)
    return desk


async def test_the_soft_limit_drafts_a_request_for_the_owner(database):
    await drafted(database)

    [word] = await said(database, to=OWEN)
    assert "drafted a request for *Search ranking*: $25.00 more on the weekly cap" in word.text
    assert "soft limit of 90 %" in word.text
    assert word.text.count(f"Data through {when(MONDAY, 'Europe/Berlin')} (test).") == 1
    assert "Nothing is asked until you send it." in word.text
    assert await said(database, to="C0SEARCH") == []


async def test_below_the_soft_limit_nothing_is_drafted(database):
    await drafted(database, usd="224.99")

    assert await drafts_of(database) == []


async def test_a_period_has_one_draft_however_often_one_looks(database):
    await drafted(database)
    for minutes in range(0, 60, 5):
        await look(database, MONDAY + timedelta(minutes=minutes))

    assert len(await said(database, to=OWEN)) == 1


async def test_the_next_period_has_its_own(database):
    await drafted(database)
    await spend(database, WORKFLOW, 240, MONDAY + timedelta(days=7))

    await look(database, MONDAY + timedelta(days=7, hours=1))

    assert len(await said(database, to=OWEN)) == 2


@pytest.mark.parametrize(("threshold", "count"), [(90, 0), (75, 1)])
async def test_a_snooze_of_as_much_keeps_it_back(database, threshold, count):
    await settled(database, WORKFLOW)
    await spend(database, WORKFLOW, 230, MONDAY)
    async with database.ledger() as ledger:
        snooze = Snooze("s-1", WORKFLOW.key, threshold, "k", OWEN, MONDAY, SUNDAY)
        await ledger.snoozes.begin(snooze)

    await look(database)

    assert len(await drafts_of(database)) == count


async def test_an_open_request_for_the_cap_is_enough(database):
    await settled(database, WORKFLOW)
    async with database.ledger() as ledger:
        await ledger.requests.add(a_request())
    await spend(database, WORKFLOW, 230, MONDAY)

    await look(database)

    assert await drafts_of(database) == []


async def test_a_soft_limit_is_per_cents_of_the_cap_in_force(database):
    await settled(database, WORKFLOW)
    async with database.ledger() as ledger:
        await ledger.overrides.add(an_override())
    await spend(database, WORKFLOW, 230, MONDAY)

    await look(database)

    assert await drafts_of(database) == []


async def test_what_was_granted_in_the_period_covers_it_unless_the_forecast_says_otherwise(
    database,
):
    await settled(database, WORKFLOW)
    async with database.ledger() as ledger:
        await ledger.overrides.add(an_override())
    await spend(database, WORKFLOW, 340, MONDAY)

    await look(database)

    assert await drafts_of(database) == []


@pytest.mark.parametrize("status", [Status.PROPOSED, Status.PAUSED, Status.RETIRED, Status.ENDED])
async def test_only_active_workflows_get_drafts(database, status):
    await drafted(database, replace(WORKFLOW, status=status))

    assert await said(database) == []


async def test_while_the_owner_is_away_the_backup_gets_it(database):
    await settled(database, WORKFLOW)
    await spend(database, WORKFLOW, 230, MONDAY)
    away = Absence(OWEN, MONDAY - timedelta(days=1), MONDAY + timedelta(days=5))

    await look(database, organisation=replace(ORGANISATION, absences=(away,)))

    assert len(await said(database, to=MIA)) == 1


async def test_nobody_to_address_is_no_error(database):
    await drafted(database, replace(WORKFLOW, owner=None, backup=None))

    assert await said(database) == []


async def test_the_form_is_filled_in_and_still_asks_for_the_outcome(database):
    desk = await drafted(database)
    [draft] = await drafts_of(database)

    form = await presses(desk, OWEN, "draft.open", draft.id)

    assert isinstance(form, Opens)
    values = entered(form.view)
    assert values["amount"] == "25"
    assert values["cap"] == "weekly"
    assert values["until"] == "period"
    assert "$230.00 of the weekly $250.00 is spent (92 %)" in values["reason"]
    assert values["reason"].endswith("Data through Mon 23 Nov 10:00 CET (test).")
    assert not values["outcome"]


async def test_sending_it_asks_and_settles_the_draft(database):
    desk = await drafted(database)
    [draft] = await drafts_of(database)
    form = await presses(desk, OWEN, "draft.open", draft.id)

    answer = await submits(desk, OWEN, form, outcome="p95", target="2 s")

    assert isinstance(answer, Closes)
    [settled_draft] = await drafts_of(database)
    assert (settled_draft.state, settled_draft.settled_by) == (DraftState.SENT, OWEN)
    async with database.reading() as ledger:
        assert (await ledger.requests.get(draft.id)).amount == Decimal(25)
    [edit] = await said(database, act="update", to=OWEN)
    assert "<@U0OWEN> has asked for more" in edit.text


async def test_a_dismissal_says_by_whom_and_is_remembered(database):
    desk = await drafted(database)
    [draft] = await drafts_of(database)

    await presses(desk, MIA, "draft.dismiss", draft.id)

    [edit] = await said(database, act="update", to=OWEN)
    assert "dismissed by <@U0MIA>" in edit.text
    assert (await trail(database))[0].what == (
        "dismissed the draft for $25.00 more on the weekly cap"
    )
    await look(database, MONDAY + timedelta(hours=1))
    assert len(await said(database, to=OWEN)) == 1


@pytest.mark.parametrize("action", ["draft.open", "draft.dismiss"])
async def test_whoever_does_not_answer_for_the_workflow_is_refused(database, action):
    desk = await drafted(database)
    [draft] = await drafts_of(database)

    with pytest.raises(NotAllowed, match="owner or the backup"):
        await presses(desk, ANA, action, draft.id)

    [same] = await drafts_of(database)
    assert same.state is DraftState.OPEN


@pytest.mark.parametrize("action", ["draft.open", "draft.dismiss"])
async def test_the_second_press_is_told_who_was_first(database, action):
    desk = await drafted(database)
    [draft] = await drafts_of(database)
    await presses(desk, MIA, "draft.dismiss", draft.id)

    with pytest.raises(NotOpen, match="dismissed by <@U0MIA>"):
        await presses(desk, OWEN, action, draft.id)


async def test_it_lapses_with_its_period(database, clock):
    desk = await drafted(database)
    [draft] = await drafts_of(database)
    clock.tick(timedelta(days=7))

    with pytest.raises(NotOpen, match="week is over"):
        await presses(desk, OWEN, "draft.open", draft.id)
    await look(database, MONDAY + timedelta(days=7))

    [edit] = await said(database, act="update", to=OWEN)
    assert "lapsed" in edit.text


async def test_a_daily_and_a_total_cap_get_one_too(database):
    workflow = a_workflow(caps=Caps(daily=Decimal(50), total=Decimal(100)))
    await drafted(database, workflow, usd=96)

    found = {one.period.kind: one for one in await drafts_of(database)}

    assert found[CapKind.DAILY].amount == Decimal(51)
    assert found[CapKind.TOTAL].amount == Decimal(10)
    for word in await said(database, to=OWEN):
        holds(word)


async def test_the_largest_raise_of_its_class_bounds_it(database):
    policy = replace(
        ORGANISATION.policy,
        largest_raise=replace(ORGANISATION.policy.largest_raise, production=Decimal(20)),
    )
    await settled(database, WORKFLOW)
    await spend(database, WORKFLOW, 230, MONDAY)

    await look(database, organisation=replace(ORGANISATION, policy=policy))

    [draft] = await drafts_of(database)
    assert draft.amount == Decimal(20)


async def test_of_two_who_draft_at_once_one_does(database):
    await drafted(database)
    [draft] = await drafts_of(database)

    async with database.ledger() as ledger:
        assert not await ledger.drafts.add(replace(draft, id="another"))
