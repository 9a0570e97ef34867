"""A database that records, bills and rules come to, and whether its figures add up to the bill."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

from bot.attribution import UNMETERED
from bot.charges import DAY, Bill
from bot.money import from_nanos
from bot.periods import BEGINNING, Calendar, open_since
from bot.prices import OwnPrice
from bot.sources import RECONCILED, SourceSetting
from bot.usage import Usage
from handlers.desk import Desk
from handlers.flows.reconcile_bills import reconcile_bills
from handlers.flows.record_bill import record_bill
from handlers.flows.record_usage import record_usage
from handlers.flows.recount_usage import recount_usage
from storage.database import Database, WouldWrite
from tests.builders import a_team, a_workflow, an_organisation
from tests.ruling import add_rule, drop_rule

# New York's clocks go forward on the second day. No zone's month begins or ends.
FIRST = datetime(2026, 3, 7, tzinfo=UTC)
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
ACTIVATED = FIRST + timedelta(hours=34)
ZONES = {
    "search": "America/New_York",
    "triage": "Asia/Kathmandu",
    "agents": "Pacific/Auckland",
    "billing": "America/Sao_Paulo",
    "office": "Asia/Kolkata",
}
EVERYWHERE = """SELECT source, id, workflow, account, at, cost FROM usage
WHERE counts = 1 AND cost IS NOT NULL"""


@dataclass(frozen=True)
class Act:
    """What is said; of all that is said `about` the same, the last counts."""

    about: str
    said: Any


async def begun(database: Database, zones: Mapping[str, str]) -> "World":
    """Of this database, with a workflow in each of the zones."""
    world = World(str(database.url.render_as_string(hide_password=False)))
    world.database = database
    async with database.ledger() as ledger:
        await ledger.organisation.save(an_organisation())
        await ledger.teams.save(a_team())
        for key, zone in zones.items():
            calendars = (Calendar(BEGINNING, zone),)
            await ledger.workflows.add(a_workflow(key=key, name=key, calendars=calendars))
    return world


class World:
    """A database of its own."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.desk = Desk(self.database)

    async def begin(self) -> None:
        async with self.database.ledger() as ledger:
            await ledger.organisation.save(an_organisation())
            await ledger.teams.save(a_team())
            for key, zone in ZONES.items():
                await ledger.workflows.add(
                    a_workflow(
                        key=key, calendars=(Calendar(BEGINNING, zone),), activated_at=ACTIVATED
                    )
                )

    async def do(self, act: Act) -> None:
        async with self.database.ledger() as ledger:
            match act.said:
                case Usage():
                    await record_usage([act.said], ledger, self.desk, NOW)
                case Bill():
                    await record_bill(act.said, ledger, self.desk, NOW)
                case OwnPrice() | SourceSetting():
                    known = await self.desk.organisation(ledger)
                    name = "prices" if isinstance(act.said, OwnPrice) else "sources"
                    said: dict[str, Any] = {name: (act.said,)}
                    await ledger.organisation.save(replace(known, **said))
                    await ledger.recounts.want(open_since(NOW), "U0SAM", NOW)
                case rule, False:
                    await add_rule(ledger, rule, "U0SAM", NOW)
                    await ledger.recounts.want(open_since(NOW), "U0SAM", NOW)
                case rule, True:
                    await drop_rule(ledger, rule, "U0SAM", NOW)
                    await ledger.recounts.want(open_since(NOW), "U0SAM", NOW)

    async def record(self, batch: list[Usage]) -> None:
        async with self.database.ledger() as ledger:
            await record_usage(batch, ledger, self.desk, NOW)

    async def tick(self) -> None:
        for job in (recount_usage, reconcile_bills):
            if self.database.is_sqlite:
                with suppress(WouldWrite):
                    async with self.database.rehearsal() as ledger:
                        await job(ledger, await self.desk.organisation(ledger), NOW)
            async with self.database.ledger() as ledger:
                await job(ledger, await self.desk.organisation(ledger), NOW)

    async def run_dry(self) -> None:
        for _ in range(60):
            async with self.database.reading() as ledger:
                running = await ledger.recounts.running()
                waiting = await ledger.reconciliations.due(NOW, 1)
            if not running and not waiting:
                return
            await self.tick()
        pytest.fail("It never comes to rest.")

    async def live(self, acts: Iterable[Act], random: Random) -> None:
        for act in acts:
            await self.do(act)
            if random.random() < 0.4:
                await self.tick()
        await self.run_dry()

    async def totals(self) -> dict[Any, tuple[int, int]]:
        found = await self.read("SELECT workflow, cap, start, cost, assumed FROM period_totals")
        return {tuple(row[:-2]): (row[-2], row[-1]) for row in found if row[-2] or row[-1]}

    async def check(self) -> None:
        await self.adds_up()
        before = await self.totals()
        async with self.database.ledger() as ledger:
            await ledger.usage.rebuild()
        assert await self.totals() == before

    async def adds_up(self) -> None:
        """By account and day, from the records alone."""
        sums: dict[Any, int] = defaultdict(int)
        booked: dict[Any, int] = defaultdict(int)
        for source, id, workflow, account, at, cost in await self.read(EVERYWHERE):
            key = account, datetime.fromtimestamp(at // 1_000_000, UTC).date()
            if source.startswith(RECONCILED):
                day = datetime.fromisoformat(id[:10]).date()
                key = source.removeprefix(RECONCILED), day
                booked[key] += cost
            sums[key] += cost
            sums[*key, workflow == UNMETERED] += cost
        async with self.database.reading() as ledger:
            days = await ledger.reconciliations.between(FIRST - DAY, NOW)
        for one in days:
            key = one.account, one.day.date()
            total = one.workflows + one.unattributed + one.unmetered
            assert from_nanos(sums[key]) == total
            assert total == (one.billed if one.settled else one.realtime)
            assert from_nanos(sums[*key, True]) == one.unmetered
        settled = {(one.account, one.day.date()) for one in days if one.settled}
        assert {key for key, cost in booked.items() if cost} <= settled

    async def read(self, query: str) -> list[Any]:
        async with self.database.reading() as ledger:
            connection = await ledger.spend._session.connection()
            return list((await connection.execute(text(query))).all())
