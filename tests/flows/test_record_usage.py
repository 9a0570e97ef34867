from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bot.alerts import Quiet
from bot.overrides import Override
from bot.periods import FOREVER, CapKind
from bot.usage import SentUsage, read_usage
from bot.workflows import Caps, Status
from handlers.desk import Desk
from handlers.flows.record_usage import record_usage
from handlers.steps.quiet_marks import QuietMarks
from tests.builders import MONDAY, SAM, a_team, a_workflow, an_override

DAY = timedelta(days=1)


class Bookkeeper:
    """Books as the writer does, remembering what is quiet."""

    def __init__(self, database):
        self.desk = Desk(database, (SAM,))
        self.marks = QuietMarks()
        self.now = MONDAY
        self.booked = 0

    async def spend(self, usd, workflow="search-ranking", at=None, id=None):
        """Gives back the workflows that were looked at."""
        self.booked += 1
        sent = SentUsage(
            id=id or f"r-{self.booked}", at=at or self.now, workflow=workflow, cost=Decimal(usd)
        )
        usage = read_usage(sent, "gateway", self.now)
        async with self.desk.database.ledger() as ledger:
            done = await record_usage([usage], ledger, self.desk, self.now, self.marks)
        self.marks.remember(done.recorded.registry_version, done.quiet)
        return set(done.quiet)

    async def alerts(self, workflow="search-ranking"):
        async with self.desk.database.reading() as ledger:
            found = await ledger.alerts.running([workflow], self.now)
        return {(alert.cap, alert.threshold) for alert in found}


async def a_bookkeeper(database, *workflows):
    async with database.ledger() as ledger:
        await ledger.teams.save(a_team())
        for workflow in workflows or (a_workflow(),):
            await ledger.workflows.add(workflow)
    return Bookkeeper(database)


async def test_spend_below_every_threshold_is_looked_at_once_and_then_no_more(database):
    keeper = await a_bookkeeper(database)

    assert await keeper.spend(100) == {"search-ranking"}
    assert await keeper.spend(87) == set()
    assert await keeper.alerts() == set()


async def test_the_record_that_reaches_a_threshold_raises_its_alert(database):
    keeper = await a_bookkeeper(database)
    await keeper.spend(100)

    assert await keeper.spend("87.5") == {"search-ranking"}
    assert await keeper.alerts() == {(CapKind.WEEKLY, 75)}
    assert await keeper.spend("37.499999999") == set()
    assert await keeper.spend("0.000000001") == {"search-ranking"}
    assert await keeper.alerts() == {(CapKind.WEEKLY, 75), (CapKind.WEEKLY, 90)}


async def test_a_new_week_is_looked_at_again(database):
    keeper = await a_bookkeeper(database)
    await keeper.spend(200)

    keeper.now += 7 * DAY

    assert await keeper.spend(200) == {"search-ranking"}
    assert await keeper.alerts() == {(CapKind.WEEKLY, 75)}


async def test_a_changed_cap_is_looked_at_again(database):
    keeper = await a_bookkeeper(database)
    await keeper.spend(100)
    async with database.ledger() as ledger:
        workflow = await ledger.workflows.get("search-ranking")
        await ledger.workflows.save(replace(workflow, caps=Caps(weekly=Decimal(101))))

    assert await keeper.spend(1) == {"search-ranking"}
    assert (CapKind.WEEKLY, 100) in await keeper.alerts()


async def test_the_end_of_an_override_is_looked_at_again(database):
    keeper = await a_bookkeeper(database)
    override: Override = an_override(end=MONDAY + timedelta(hours=1))
    async with database.ledger() as ledger:
        await ledger.overrides.add(override)
    await keeper.spend(200)
    assert await keeper.alerts() == set()

    keeper.now += timedelta(hours=1)

    assert await keeper.spend(1) == {"search-ranking"}


async def test_a_correction_is_looked_at_though_it_lowers_the_spend(database):
    keeper = await a_bookkeeper(database)
    await keeper.spend(200, id="r-1")

    assert await keeper.spend(100, id="r-1") == {"search-ranking"}


async def test_repeated_records_are_not_looked_at(database):
    keeper = await a_bookkeeper(database)
    await keeper.spend(200, id="r-1")

    assert await keeper.spend(200, id="r-1") == set()


async def test_unattributed_spend_raises_nothing(database):
    keeper = await a_bookkeeper(database)

    assert await keeper.spend(10_000, workflow="nobody") == set()


async def test_a_late_record_is_booked_and_announces_nothing(database):
    keeper = await a_bookkeeper(database)

    await keeper.spend(10_000, at=MONDAY - 40 * DAY)

    assert await keeper.alerts() == set()


async def test_spend_of_a_paused_workflow_is_noticed(database):
    since = MONDAY - DAY
    keeper = await a_bookkeeper(database, a_workflow(status=Status.PAUSED, status_since=since))

    assert await keeper.spend(1) == {"search-ranking"}
    assert await keeper.spend(1) == set()


async def test_many_workflows_in_one_batch_are_all_looked_at(database):
    """More than one question to the database can name."""
    workflows = [a_workflow(key=f"w-{n:04d}", name=f"w {n}") for n in range(600)]
    keeper = await a_bookkeeper(database, *workflows)
    # One alert of each question.
    dear = {"w-0000", "w-0599"}
    batch = [
        read_usage(
            SentUsage(
                id=one.key, at=MONDAY, workflow=one.key, cost=Decimal(200 if one.key in dear else 1)
            ),
            "gateway",
            MONDAY,
        )
        for one in workflows
    ]

    async with database.ledger() as ledger:
        done = await record_usage(batch, ledger, keeper.desk, MONDAY)
        alerted = await ledger.alerts.alerted(MONDAY)

    assert len(done.quiet) == 600
    assert {one.workflow for one in alerted} == dear


def test_what_an_older_state_of_the_registry_said_is_not_remembered_over_a_newer():
    marks = QuietMarks()
    marks.remember(2, {})

    marks.remember(1, {"search-ranking": Quiet({}, FOREVER)})

    assert marks._quiet == {}
