"""Exports of several payers of one account: each is other money, unless a vendor bills it all."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.charges import DAY, Bill, Charge, Stretch
from bot.sources import Kind
from handlers.desk import Desk
from handlers.flows.reconcile_bills import reconcile_bills
from handlers.flows.record_bill import record_bill
from handlers.flows.recount_usage import recount_usage
from handlers.flows.show_reconciliation import Reconciliation
from tests.builders import FIN, a_team, an_organisation

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
NOW = MONDAY + timedelta(days=4)


@pytest.fixture
async def desk(database):
    async with database.ledger() as ledger:
        await ledger.organisation.save(an_organisation())
        await ledger.teams.save(a_team())
    return Desk(database)


async def told(desk, source: str, cost: str, kind: Kind = Kind.EXPORT, through: datetime = NOW):
    charge = Charge("1", "openai", MONDAY, MONDAY + DAY, Decimal(cost), final=True)
    bill = Bill(source, Stretch(MONDAY, MONDAY + DAY), (charge,), through, kind)
    async with desk.database.ledger() as ledger:
        await record_bill(bill, ledger, desk, NOW)
    for job in (recount_usage, reconcile_bills):
        async with desk.database.ledger() as ledger:
            await job(ledger, await desk.organisation(ledger), NOW)


async def reconciled(desk) -> str:
    async with desk.database.ledger() as ledger:
        seen = Reconciliation(FIN, ledger, await desk.organisation(ledger), NOW)
        return (await seen.accounts(MONDAY)).text


async def test_each_payer_of_an_account_counts(desk):
    await told(desk, "bill/focus-openai", "30")
    await told(desk, "bill/focus-seats", "12", through=MONDAY + 2 * DAY)

    said = await reconciled(desk)

    assert "billed $42.00, told through 17 Nov (UTC)" in said
    assert ", 0 waiting" in said


async def test_the_vendors_own_bill_stands_for_all_payers(desk):
    await told(desk, "bill/focus-openai", "30")
    await told(desk, "bill/focus-seats", "12")
    await told(desk, "bill/openai", "40", Kind.BILL)

    said = await reconciled(desk)

    assert "billed $40.00" in said
    assert ", 0 waiting" in said
