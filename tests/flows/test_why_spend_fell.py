"""An alert whose threshold is not reached any more says why."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from bot.adjustments import Entry
from bot.attribution import Clue, Clues, Rule
from bot.charges import DAY, Bill, Charge, Stretch
from bot.clearing import clearing
from bot.periods import open_since
from bot.sources import Kind
from handlers.desk import Desk
from handlers.flows.adjust_spend import adjust_spend
from handlers.flows.clear_bill import clear_bill
from handlers.flows.reconcile_bills import reconcile_bills
from handlers.flows.record_bill import record_bill
from handlers.flows.record_usage import record_usage
from handlers.flows.recount_usage import recount_usage
from handlers.flows.show_history import show_history
from handlers.flows.sweep_alerts import sweep_alerts
from handlers.flows.undo_adjustment import undo_adjustment
from tests.builders import FIN, OWEN, SAM, a_team, a_workflow, an_organisation
from tests.outbox import said
from tests.registry import holds
from tests.ruling import add_rule, drop_rule
from tests.spending import a_record

WORKFLOW, OTHER = a_workflow(), a_workflow(key="other", name="Other")
DAY_OF_BILL = datetime(2026, 11, 23, tzinfo=UTC)
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
SOURCE = "bill/focus-openai"
RULE = Rule(Clue.PROJECT, "mine", "search-ranking")
ANEW = "spend was attributed anew"


class Spending:
    """What is told of a workflow with 250 a week, and what its alert says of it."""

    def __init__(self, database):
        self.database, self.desk, self.now = database, Desk(database), NOW

    async def billed(self, usd, **whose):
        whose = whose or {"tags": ("workflow:search-ranking",)}
        stretch = Stretch(DAY_OF_BILL, DAY_OF_BILL + DAY)
        named = {"final": True, **whose}
        charge = Charge("1", "openai", stretch.start, stretch.end, Decimal(usd), **named)
        bill = Bill(SOURCE, stretch, (charge,), stretch.end, Kind.EXPORT)
        async with self.database.ledger() as ledger:
            await record_bill(bill, ledger, self.desk, self.now)
        await self.settle()

    async def cleared(self):
        async with self.database.ledger() as ledger:
            lines = await ledger.bill_lines.by_day(SOURCE)
            await clear_bill(clearing(SOURCE, lines, ()), ledger, self.now)
        await self.settle()

    async def seen(self, usd, id="r-1"):
        record = a_record(WORKFLOW, usd, DAY_OF_BILL + HOUR, id=id)
        record = msgspec.structs.replace(record, provider="openai", account="openai")
        async with self.database.ledger() as ledger:
            await record_usage([record], ledger, self.desk, self.now)
        await self.settle()

    async def ruled(self, change, rule=RULE):
        async with self.database.ledger() as ledger:
            await change(ledger, rule, SAM, self.now)
            await ledger.recounts.want(open_since(self.now), SAM, self.now)
        await self.settle()

    async def settle(self):
        for _ in range(3):
            self.now += timedelta(minutes=1)
            for job in (recount_usage, reconcile_bills):
                async with self.database.ledger() as ledger:
                    await job(ledger, await self.desk.organisation(ledger), self.now)
        self.now += HOUR

    async def shown(self):
        async with self.database.reading() as ledger:
            notice = (await said(self.database, to="C0SEARCH"))[0].key
            return (await ledger.notices.shown(notice)).text


@pytest.fixture
async def spending(database):
    async with database.ledger() as ledger:
        await ledger.organisation.save(an_organisation())
        await ledger.teams.save(a_team())
        await ledger.workflows.add(WORKFLOW)
        await ledger.workflows.add(OTHER)
    return Spending(database)


async def test_a_bill_was_taken_away(spending):
    await spending.seen(220)
    await spending.billed(240)
    await spending.ruled(add_rule, replace(RULE, pattern="else", workflow="other"))

    await spending.cleared()

    assert "It was past 90 %; a bill was taken away, now 88 %." in await spending.shown()


async def test_a_bill_was_corrected(spending):
    await spending.billed(240)

    await spending.billed(220)

    assert "It was past 90 %; the bill was corrected, now 88 %." in await spending.shown()


async def test_a_bill_came(spending):
    await spending.seen(240)

    await spending.billed(220)

    assert "It was past 90 %; a bill came, now 88 %." in await spending.shown()


async def test_a_rule_gave_its_lines_of_a_bill_to_another(spending):
    await spending.ruled(add_rule)
    await spending.billed(240, clues=Clues(project="mine"))

    await spending.ruled(drop_rule)

    assert f"It was past 90 %; {ANEW}, now 0 %." in await spending.shown()


async def test_a_record_was_corrected(spending):
    await spending.seen(240)

    await spending.seen(220)

    assert "It was past 90 %; records were corrected, now 88 %." in await spending.shown()


async def test_an_adjustment_was_booked_or_undone(spending):
    entry = Entry("a-1", "search-ranking", Decimal(-20), date(2026, 11, 24), "A credit.", FIN)
    organisation = an_organisation()
    await spending.seen(240)

    async with spending.database.ledger() as ledger:
        await adjust_spend(entry, ledger, organisation, spending.now)
    assert "It was past 90 %; an adjustment was booked, now 88 %." in await spending.shown()

    entry = replace(entry, id="a-2", amount=Decimal(15))
    async with spending.database.ledger() as ledger:
        await adjust_spend(entry, ledger, organisation, spending.now)
    assert "It was past" not in await spending.shown()

    async with spending.database.ledger() as ledger:
        await undo_adjustment("a-2", FIN, ledger, organisation, spending.now)
    assert "It was past 90 %; an adjustment was undone, now 88 %." in await spending.shown()


async def test_it_goes_on_saying_so_whatever_comes_afterwards(spending):
    await spending.billed(240)
    await spending.billed(210)
    await spending.ruled(add_rule, replace(RULE, pattern="else", workflow="other"))
    await spending.seen(5, id="r-2")

    async with spending.database.ledger() as ledger:
        await sweep_alerts(ledger, an_organisation(), spending.now)

    assert "It was past 90 %; the bill was corrected, now 84 %." in await spending.shown()
    async with spending.database.reading() as ledger:
        history = holds(
            await show_history("search-ranking", by=OWEN, start=0, ledger=ledger, now=spending.now)
        )
    assert "its spend fall below a threshold “the bill was corrected”" in history.text
