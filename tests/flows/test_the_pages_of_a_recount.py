from datetime import timedelta

import msgspec

from bot.charges import DAY
from handlers.flows import recount_usage as recounting
from tests.flows import test_reconcile_bills as bills
from tests.flows.test_reconcile_bills import MONDAY, NOW, a_charge, bill, book, seen

desk = bills.desk


async def page(desk):
    async with desk.database.ledger() as ledger:
        await recounting.recount_usage(ledger, await desk.organisation(ledger), NOW)
    async with desk.database.reading() as ledger:
        (recount,) = await ledger.recounts.running()
        return recount.until, await ledger.reconciliations.waiting_between(MONDAY, NOW)


async def test_only_the_first_page_begins_a_recount_though_it_holds_nothing(desk, monkeypatch):
    before = MONDAY - 9 * DAY
    await book(desk, *(old(str(id), before) for id in range(4)))
    await bill(desk, a_charge("5"))
    monkeypatch.setattr(recounting, "_AT_ONCE", 1)
    async with desk.database.ledger() as ledger:
        await ledger.recounts.want(MONDAY, "U0SAM", MONDAY + timedelta(hours=1))
    first = await page(desk)
    async with desk.database.ledger() as ledger:
        for day in await ledger.reconciliations.due(NOW, 99):
            await ledger.reconciliations.unmark(day)

    await book(desk, old("late", before))

    assert first[1] == {"openai": 1}
    assert await page(desk) == (first[0], {})


def old(id, at):
    return msgspec.structs.replace(seen("search", "1", id=id), at=at, account="")
