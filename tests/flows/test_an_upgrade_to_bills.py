"""What was booked before there were bills is reconciled with them, never added."""

import msgspec

from bot.attribution import UNMETERED
from bot.usage import CostBasis
from storage.schema import migrate, undo
from tests.flows import test_reconcile_bills as bills
from tests.flows.test_reconcile_bills import a_charge, bill, book, seen, spent

desk = bills.desk


async def test_what_was_booked_before_there_were_bills_is_settled_with_them(desk):
    elsewhere = msgspec.structs.replace(
        seen("triage", "5", id="2"),
        provider="mistral",
        account="mistral_ai",
        basis=CostBasis.ASSUMED,
    )
    await book(desk, seen("search", "30"), seen("triage", "10"), elsewhere)
    before = await sources(desk)
    await undo(desk.database, "0002")
    await migrate(desk.database)
    await desk.database.engine.dispose()

    assert await sources(desk) == before
    await bill(desk, a_charge("50"))

    assert await spent(desk) == {"search": 30, "triage": 15, UNMETERED: 10}


async def sources(desk):
    async with desk.database.reading() as ledger:
        reported = await ledger.source_accounts.all()
        (gateway,) = await ledger.freshness.sources()
        return reported, gateway
