"""What a day comes to is worked out before anything is written, and booked a page at a time."""

from contextlib import suppress
from decimal import Decimal

import pytest

from bot.attribution import UNMETERED, Clue, Clues
from bot.charges import DAY, Bill, Stretch
from handlers.flows import reconcile_bills as settling
from handlers.flows.reconcile_bills import reconcile_bills
from handlers.flows.record_bill import record_bill
from storage.database import WouldWrite
from tests.flows import test_reconcile_bills as bills
from tests.flows.test_reconcile_bills import MONDAY, NOW, a_charge, book, rule, seen, settled, spent
from tests.ruling import drop_rule

desk = bills.desk
SEARCH, TRIAGE = Clues(key="k-search"), Clues(key="k-triage")


@pytest.fixture
async def billed(desk):
    """Each workflow was seen at 5 and is billed 3 for each of two lines; nothing is settled."""
    for name in ("search", "triage"):
        await rule(desk, Clue.KEY, f"k-{name}", name)
    await book(desk, *(seen(name, "5", id=id) for name in ("search", "triage") for id in "12"))
    await tell(desk, "3")
    return desk


async def tell(desk, cost: str):
    lines = [
        a_charge(cost, id=f"{key}-{model}", clues=Clues(key=key))
        for key in ("k-search", "k-triage")
        for model in "ab"
    ]
    stretch = Stretch(MONDAY, MONDAY + DAY)
    async with desk.database.ledger() as ledger:
        await record_bill(Bill("bill/openai", stretch, tuple(lines)), ledger, desk, NOW)


async def rehearse(desk):
    with suppress(WouldWrite):
        async with desk.database.rehearsal() as ledger:
            await reconcile_bills(ledger, await desk.organisation(ledger), NOW)


async def page(desk):
    """Whether more may wait."""
    async with desk.database.ledger() as ledger:
        return await reconcile_bills(ledger, await desk.organisation(ledger), NOW)


async def test_each_workflow_is_booked_whole_and_the_day_is_settled_with_the_last(
    billed, monkeypatch
):
    monkeypatch.setattr(settling, "_BOOKED_AT_ONCE", 1)
    assert await spent(billed) == {"search": 10, "triage": 10}

    assert await page(billed)
    assert await spent(billed) == {"search": 6, "triage": 10}
    async with billed.database.reading() as ledger:
        assert len(await ledger.reconciliations.due(NOW, 2)) == 1
        assert await ledger.reconciliations.between(MONDAY, NOW) == ()

    assert await page(billed)
    assert await spent(billed) == {"search": 6, "triage": 6}
    assert (await settled(billed)).workflows == 12
    assert not await page(billed)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_what_a_rehearsal_has_worked_out_is_booked(billed):
    await rehearse(billed)
    async with billed.database.reading() as ledger:
        assert len(ledger.reconciliations.worked_out) == 1
    assert await spent(billed) == {"search": 10, "triage": 10}

    await page(billed)

    assert await spent(billed) == {"search": 6, "triage": 6}
    async with billed.database.reading() as ledger:
        assert ledger.reconciliations.worked_out == {}


@pytest.mark.parametrize("change", ["bill", "record", "rule"])
async def test_what_has_changed_since_is_worked_out_anew(billed, change):
    await rehearse(billed)
    if change == "bill":
        await tell(billed, "4")
    elif change == "record":
        await book(billed, seen("", "1", id="9"))
    else:
        async with billed.database.ledger() as ledger:
            (first, *_) = await ledger.attribution_rules.all()
            await drop_rule(ledger, first, "U0SAM", NOW)

    while await page(billed):
        pass

    expected = {
        "bill": {"search": 8, "triage": 8},
        "record": {"search": 6, "triage": 6, "": 1, UNMETERED: -1},
        "rule": {"search": 10, "triage": 6, UNMETERED: -4},
    }
    assert await spent(billed) == {key: Decimal(amount) for key, amount in expected[change].items()}
