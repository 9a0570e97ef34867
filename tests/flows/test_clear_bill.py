"""An import that is taken back leaves everything as it was without it."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from bot.charges import DAY, Bill, Category, Charge, Stretch
from bot.clearing import NotCleared, clearing, read_months
from bot.freshness import Source
from bot.refusal import Unknown
from bot.sources import Kind
from bot.usage import SentUsage, read_usage
from handlers.desk import Desk
from handlers.flows.clear_bill import clear_bill
from handlers.flows.reconcile_bills import reconcile_bills
from handlers.flows.record_bill import record_bill
from handlers.flows.record_usage import record_usage
from handlers.flows.recount_usage import recount_usage
from handlers.flows.show_reconciliation import Reconciliation
from tests.builders import FIN, a_team, a_workflow, an_organisation

OCTOBER, NOVEMBER = datetime(2026, 10, 30, tzinfo=UTC), datetime(2026, 11, 16, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
WRONG = "bill/focus-wrong"
FIGURES = "SELECT workflow, cap, start, cost, assumed, records FROM period_totals WHERE cost <> 0"


@pytest.fixture
async def desk(database):
    async with database.ledger() as ledger:
        await ledger.organisation.save(an_organisation())
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow(key="search"))
    return Desk(database)


def a_charge(id: str, start: datetime, cost: str, account: str = "openai") -> Charge:
    tags = ("workflow:search",)
    return Charge(id, account, start, start + DAY, Decimal(cost), final=True, tags=tags)


async def told(desk, source: str, *charges: Charge, kind: Kind = Kind.EXPORT):
    stretch = Stretch(charges[0].start, charges[-1].start + DAY)
    async with desk.database.ledger() as ledger:
        await record_bill(Bill(source, stretch, charges, stretch.end, kind), ledger, desk, NOW)
    await settle(desk)


async def seen(desk, at: datetime, cost: str):
    sent = SentUsage("1", at, "search", provider="openai", model="gpt-4o", cost=Decimal(cost))
    async with desk.database.ledger() as ledger:
        await record_usage([read_usage(sent, "gateway", NOW)], ledger, desk, NOW)


async def settle(desk):
    for _ in range(4):
        for job in (recount_usage, reconcile_bills):
            async with desk.database.ledger() as ledger:
                await job(ledger, await desk.organisation(ledger), NOW)


async def cleared(desk, *months: str) -> int:
    async with desk.database.ledger() as ledger:
        lines = await ledger.bill_lines.by_day(WRONG)
        wanted = clearing(WRONG, lines, read_months(months, NOW.date()))
        days = await clear_bill(wanted, ledger, NOW)
    await settle(desk)
    return days


async def figures(desk) -> set[tuple[Any, ...]]:
    async with desk.database.reading() as ledger:
        connection = await ledger.spend._session.connection()
        return {tuple(row) for row in await connection.execute(text(FIGURES))}


async def sources(desk) -> dict[str, Source]:
    async with desk.database.reading() as ledger:
        return {one.name: one for one in await ledger.freshness.sources() if one.is_listed}


async def test_after_it_everything_is_as_if_it_had_never_been_imported(desk):
    await seen(desk, NOVEMBER + timedelta(hours=10), "5")
    await told(desk, "bill/focus-right", a_charge("a", OCTOBER, "7"))
    before, heard = await figures(desk), await sources(desk)
    lines = a_charge("1", OCTOBER, "70", "azure.ai.openai"), a_charge("2", NOVEMBER, "300")
    await told(desk, WRONG, *lines)
    assert await figures(desk) != before

    days = await cleared(desk)

    assert days == 2
    assert await figures(desk) == before
    assert await sources(desk) == heard
    async with desk.database.reading() as ledger:
        assert {one.account for one in await ledger.reconciliations.between(OCTOBER, NOW)} == {
            "openai"
        }
        shown = Reconciliation(FIN, ledger, await desk.organisation(ledger), NOW)
        with pytest.raises(Unknown):
            await shown.account("azure.ai.openai", OCTOBER)
        said = (await shown.accounts(NOVEMBER)).text
    assert "$300" not in said


async def test_what_it_said_is_kept_and_who_took_it_away(desk):
    await told(desk, WRONG, a_charge("1", OCTOBER, "70"), a_charge("2", NOVEMBER, "0.5"))

    await cleared(desk)

    async with desk.database.reading() as ledger:
        (change,) = await ledger.changes.of(f"source:{WRONG}")
        connection = await ledger.spend._session.connection()
        kept = await connection.execute(text("SELECT id FROM corrected_charges ORDER BY id"))
        assert [row.id for row in kept] == ["1", "2"]
    assert (change.at, change.actor) == (NOW, "budget-bot source clear")
    assert change.before == {
        "lines": 2,
        "cost": "70.500000000",
        "first_day": "2026-10-30",
        "last_day": "2026-11-16",
    }


async def test_one_month_goes_and_the_others_stay(desk):
    ahead = NOVEMBER + 2 * DAY
    fee = Charge("4", "openai", OCTOBER, ahead, Decimal(3), final=True, category=Category.PURCHASE)
    await told(desk, WRONG, a_charge("1", OCTOBER, "70"), fee)
    before = await figures(desk)
    await told(desk, WRONG, a_charge("2", NOVEMBER, "9"), a_charge("3", NOVEMBER, "1", "aws"))

    await cleared(desk, "nov")

    assert await figures(desk) == before
    left = (await sources(desk))[WRONG]
    assert (left.records, left.accounts, left.through) == (2, ("openai",), OCTOBER + DAY)


async def test_it_may_be_imported_again(desk):
    await told(desk, WRONG, a_charge("1", NOVEMBER, "70"))
    before, heard = await figures(desk), await sources(desk)
    await cleared(desk)

    await told(desk, WRONG, a_charge("1", NOVEMBER, "70"))

    assert await figures(desk) == before
    assert await sources(desk) == heard


async def test_an_export_that_counted_nowhere_goes_without_a_trace(desk):
    await told(desk, "bill/openai", a_charge("1", NOVEMBER, "40"), kind=Kind.BILL)
    before = await figures(desk)
    await told(desk, WRONG, a_charge("1", NOVEMBER, "70"))

    await cleared(desk)

    assert await figures(desk) == before


async def test_what_was_imported_after_it_was_shown_stays(desk):
    await told(desk, WRONG, a_charge("1", NOVEMBER, "70"))
    async with desk.database.reading() as ledger:
        shown = clearing(WRONG, await ledger.bill_lines.by_day(WRONG), ())
    await told(desk, WRONG, a_charge("1", NOVEMBER, "30"))
    before = await figures(desk)

    with pytest.raises(NotCleared, match="imported anew"):
        async with desk.database.ledger() as ledger:
            await clear_bill(shown, ledger, NOW)

    await settle(desk)
    assert await figures(desk) == before


async def test_of_an_import_and_a_taking_back_at_once_the_import_is_left(desk):
    await told(desk, WRONG, a_charge("1", NOVEMBER, "70"))

    async def clears():
        async with desk.database.reading() as ledger:
            shown = clearing(WRONG, await ledger.bill_lines.by_day(WRONG), ())
        with suppress(NotCleared):
            async with desk.database.ledger() as ledger:
                await clear_bill(shown, ledger, NOW)

    await asyncio.gather(clears(), told(desk, WRONG, a_charge("1", NOVEMBER, "30")))
    await settle(desk)

    months = [row for row in await figures(desk) if row[1] == "monthly"]
    assert [row[3] for row in months] == [30_000_000_000]
    (left,) = (await sources(desk)).values()
    assert (left.name, left.records, left.accounts) == (WRONG, 1, ("openai",))
