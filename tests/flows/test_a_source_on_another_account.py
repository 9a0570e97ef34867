"""The contract gives a source another account, or takes it back: who counts is another then."""

import msgspec

from bot.attribution import UNMETERED
from bot.sources import Kind
from handlers.files.contract import read_contract
from handlers.flows.apply_contract import apply_contract
from tests.flows import test_reconcile_bills as bills
from tests.flows.test_reconcile_bills import (
    MONDAY,
    NOW,
    a_charge,
    bill,
    book,
    by_telemetry,
    seen,
    spent,
    tick,
)

desk = bills.desk


def by_gateway(usage):
    return msgspec.structs.replace(usage, kind=Kind.GATEWAY)


async def says(desk, *sources: str):
    """What the contract says of sources from now on."""
    text = f"version: 1\nsources: [{', '.join(sources)}]\n"
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        await apply_contract(read_contract(text), ledger, organisation, NOW, file="r.yaml")
    await tick(desk)


ELSEWHERE = "{name: gateway, account: azure.ai.openai}"


async def test_on_another_account_it_leaves_telemetry_in_place(desk):
    await book(desk, by_telemetry(seen("search", "30")), by_gateway(seen("triage", "29")))
    assert await spent(desk) == {"triage": 29}

    await says(desk, ELSEWHERE)
    assert await spent(desk) == {"search": 30, "triage": 29}
    more = by_telemetry(seen("search", "1", id="2")), by_gateway(seen("triage", "2", id="2"))
    await book(desk, *more)
    assert await spent(desk) == {"search": 31, "triage": 31}

    await says(desk)
    assert await spent(desk) == {"triage": 31}


async def test_it_silences_telemetry_of_the_account_it_has_come_to_at_once(desk):
    azure = msgspec.structs.replace(by_telemetry(seen("search", "30")), account="azure.ai.openai")
    await book(desk, azure, by_gateway(seen("triage", "29")))
    assert await spent(desk) == {"search": 30, "triage": 29}

    await says(desk, ELSEWHERE)

    assert await spent(desk) == {"triage": 29}


async def test_its_records_are_reconciled_with_the_bill_of_the_account_they_belong_to_now(desk):
    await book(desk, by_telemetry(seen("search", "30")), by_gateway(seen("triage", "29")))
    await bill(desk, a_charge("40"))
    assert await spent(desk) == {"triage": 29, UNMETERED: 11}

    await says(desk, ELSEWHERE)
    assert await spent(desk) == {"search": 30, "triage": 29, UNMETERED: 10}

    await says(desk)
    assert await spent(desk) == {"triage": 29, UNMETERED: 11}


async def test_an_account_that_its_sender_names_comes_back_too(desk):
    own = msgspec.structs.replace(by_gateway(seen("triage", "29")), account="openai-eu")
    telemetry = msgspec.structs.replace(by_telemetry(seen("search", "30")), account="openai-eu")
    await book(desk, own, telemetry)

    await says(desk, ELSEWHERE)
    assert await spent(desk) == {"search": 30, "triage": 29}
    await says(desk)

    assert await spent(desk) == {"triage": 29}
    async with desk.database.reading() as ledger:
        metered = await ledger.reconciliations.metered("openai-eu", MONDAY)
    assert [(hour.workflow, hour.nanos) for hour in metered] == [("triage", 29 * 10**9)]
