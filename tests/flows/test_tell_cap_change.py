import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.cards.kit import when
from bot.workflows import Caps, Status
from handlers.steps.raise_alerts import raise_alerts
from handlers.steps.tell_cap_change import tell_cap_change
from storage.database import Database
from storage.schema import migrate
from tests.builders import MONDAY, a_team, a_workflow, an_organisation, an_override
from tests.outbox import said
from tests.spending import spend

ORGANISATION = an_organisation()
WORKFLOW = a_workflow(caps=Caps(weekly=Decimal(250)))
LATER = MONDAY + timedelta(minutes=1)
SEARCH = "C0SEARCH"
TOLD = f"Data through {when(MONDAY, 'Europe/Berlin')} (test)."


@pytest.fixture
async def registry(database):
    await register(database, WORKFLOW)
    return database


async def register(database, workflow):
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team())
        await ledger.workflows.add(workflow)


async def change(database, now=LATER, before=WORKFLOW, **changed):
    """Save the workflow and tell what changed, in one ledger, as an edit does."""
    async with database.ledger() as ledger:
        current = await ledger.workflows.get(WORKFLOW.key)
        after = await ledger.workflows.save(replace(current, **changed))
        return await tell_cap_change(ledger, ORGANISATION, before, after, now, said_by="edit-1")


async def look(database, now=LATER):
    async with database.ledger() as ledger:
        return await raise_alerts(ledger, ORGANISATION, [WORKFLOW.key], now)


async def test_a_lowered_cap_says_what_is_reached_and_no_alert_follows(registry):
    await spend(registry, WORKFLOW, 150, MONDAY)

    told = await change(registry, caps=Caps(weekly=Decimal(160)))
    await look(registry)

    assert told.text == (
        f"The weekly cap is now $160.00; $150.00 (93 %) is spent, past its 90 % mark. {TOLD}"
    )
    assert await said(registry) == []


async def test_the_next_threshold_of_the_new_cap_is_alerted(registry):
    await spend(registry, WORKFLOW, 150, MONDAY)
    await change(registry, caps=Caps(weekly=Decimal(160)))

    await spend(registry, WORKFLOW, 10, LATER)
    await look(registry)

    (alert,) = await said(registry, to=SEARCH)
    assert "is at its weekly cap ($160.00 of $160.00, 100 %)" in alert.text


async def test_an_override_tells_the_cap_it_makes(registry):
    await spend(registry, WORKFLOW, 312, MONDAY)
    await look(registry, MONDAY)

    async with registry.ledger() as ledger:
        await ledger.overrides.add(an_override())
        told = await tell_cap_change(
            ledger, ORGANISATION, WORKFLOW, WORKFLOW, LATER, said_by="r", overrides_before=()
        )
    await look(registry)

    assert told.sentences == (
        f"The weekly cap is now $350.00; $312.00 (89 %) is spent, past its 75 % mark. {TOLD}",
    )
    assert len(await said(registry, to=SEARCH)) == 1


async def test_the_first_message_shows_the_new_cap_at_once(registry):
    await spend(registry, WORKFLOW, 240, MONDAY)
    await look(registry, MONDAY)

    await change(registry, caps=Caps(weekly=Decimal(300)))

    (edit,) = await said(registry, act="update", to=SEARCH)
    assert "has used 80 % of its weekly cap ($240.00 of $300.00)" in edit.text


async def test_going_back_to_a_former_cap_repeats_nothing(registry):
    await spend(registry, WORKFLOW, 240, MONDAY)
    await look(registry, MONDAY)

    await change(registry, caps=Caps(weekly=Decimal(300)))
    await change(
        registry, before=replace(WORKFLOW, caps=Caps(weekly=Decimal(300))), caps=WORKFLOW.caps
    )
    await look(registry)

    assert len(await said(registry, to=SEARCH)) == 1


async def test_activation_says_what_is_spent_already_and_counts_as_the_alert(database):
    proposed = replace(WORKFLOW, status=Status.PROPOSED, activated_at=None)
    await register(database, proposed)
    await spend(database, WORKFLOW, 200, MONDAY)

    told = await change(database, before=proposed, status=Status.ACTIVE, activated_at=LATER)
    await look(database)

    assert told.sentences == (
        f"Already 80 % of the weekly cap is spent: $200.00 of $250.00, past its 75 % mark. {TOLD}",
    )
    assert await said(database) == []


async def test_a_workflow_registered_as_active_says_the_same(registry):
    async with registry.ledger() as ledger:
        told = await tell_cap_change(ledger, ORGANISATION, None, WORKFLOW, MONDAY, said_by="r")

    assert told.text == "Nothing of the weekly cap of $250.00 is spent yet."


async def test_a_resumed_workflow_says_what_its_cap_holds(database):
    paused = replace(WORKFLOW, status=Status.PAUSED)
    await register(database, paused)
    await spend(database, WORKFLOW, 230, MONDAY)

    told = await change(database, before=paused, status=Status.ACTIVE)
    await look(database)

    assert told.text.startswith("The weekly cap is now $250.00; $230.00 (92 %) is spent")
    assert await said(database) == []


async def test_an_unchanged_cap_says_nothing(registry):
    await spend(registry, WORKFLOW, 240, MONDAY)

    told = await change(registry, name="Another name")

    assert told.sentences == ()


async def test_a_cap_that_was_taken_away_is_named(registry):
    told = await change(registry, caps=Caps(monthly=Decimal(900)))

    assert "There is no weekly cap any more." in told.sentences


@pytest.mark.parametrize("status", [Status.PAUSED, Status.RETIRED, Status.PROPOSED])
async def test_a_workflow_that_is_not_active_says_nothing(registry, status):
    told = await change(registry, status=status, caps=Caps(weekly=Decimal(1)))

    assert told.sentences == ()


async def test_a_writer_that_counts_usage_meanwhile_meets_the_new_cap(postgres_url):
    database = Database(postgres_url())
    await migrate(database)
    await register(database, WORKFLOW)
    held = asyncio.Event()

    async def lower():
        async with database.ledger() as ledger:
            current = await ledger.workflows.get(WORKFLOW.key)
            after = await ledger.workflows.save(replace(current, caps=Caps(weekly=Decimal(100))))
            await tell_cap_change(ledger, ORGANISATION, WORKFLOW, after, LATER, said_by="edit-1")
            held.set()
            await asyncio.sleep(0.2)

    async def write():
        await held.wait()
        await spend(database, WORKFLOW, 95, LATER)
        await look(database)

    await asyncio.gather(lower(), write())

    (alert,) = await said(database, to=SEARCH)
    assert "has used 95 % of its weekly cap ($95.00 of $100.00)" in alert.text
    await database.close()
