"""Alerts and what people do about them, without Slack: each act a ledger of its own."""

from dataclasses import dataclass, field
from typing import Any

from bot.alert_acts import AlertAct
from bot.policy import Organisation
from bot.snoozes import Wanted
from bot.workflows import Workflow
from handlers.flows.acknowledge_alert import acknowledge_alert
from handlers.flows.drop_tier import drop_tier, undo_drop
from handlers.flows.escalate_alerts import escalate_alerts
from handlers.flows.explain_spend import explain_spend
from handlers.flows.show_home import show_home
from handlers.flows.snooze_alerts import snooze_alerts
from handlers.flows.wake_alerts import end_snoozes, wake_alerts
from handlers.steps.raise_alerts import raise_alerts
from storage.database import Database
from tests.builders import MONDAY, a_team, a_workflow, an_organisation
from tests.outbox import said
from tests.spending import spend

SEARCH = "C0SEARCH"


@dataclass
class Alerts:
    """A workflow, 250 a week and 900 a month, and its alerts. `now` is moved by the test."""

    database: Database
    organisation: Organisation = field(default_factory=an_organisation)
    workflow: Workflow = field(default_factory=a_workflow)
    now: Any = MONDAY
    # The message that is pressed: the first one where none is named.
    on: str | None = None

    async def settle(self):
        async with self.database.ledger() as ledger:
            await ledger.organisation.save(self.organisation)
            await ledger.teams.save(a_team())
            await ledger.workflows.add(self.workflow)
        return self

    async def spend(self, usd, **named):
        await spend(self.database, self.workflow, usd, self.now, **named)
        return await self.look()

    async def look(self):
        key = self.workflow.key
        async with self.database.ledger() as ledger:
            return (await raise_alerts(ledger, self.organisation, [key], self.now))[key]

    async def tick(self, after=None):
        """What the clock does to alerts, `after` so long."""
        if after is not None:
            self.now += after
        for job in (end_snoozes, escalate_alerts):
            async with self.database.ledger() as ledger:
                await job(ledger, self.organisation, self.now)

    async def alert(self):
        """The first message's key."""
        return (await said(self.database, to=SEARCH))[0].key

    async def act(self, by, notice=None):
        return AlertAct(self.workflow.key, notice or self.on or await self.alert(), by)

    async def sees(self, by):
        async with self.database.ledger() as ledger:
            return await acknowledge_alert(await self.act(by), ledger, self.organisation, self.now)

    async def drops(self, by, tier):
        async with self.database.ledger() as ledger:
            act = await self.act(by)
            return await drop_tier(act, tier, ledger, self.organisation, self.now)

    async def undoes(self, by, drop):
        async with self.database.ledger() as ledger:
            return await undo_drop(drop, by, ledger, self.organisation, self.now)

    async def explains(self, by, text, id="e-1"):
        async with self.database.ledger() as ledger:
            act = await self.act(by)
            return await explain_spend(id, act, text, ledger, self.organisation, self.now)

    async def snoozes(self, by, days=1, id="s-1"):
        async with self.database.ledger() as ledger:
            act = await self.act(by)
            wanted = Wanted(id, act.notice, days)
            return await snooze_alerts(act, wanted, ledger, self.organisation, self.now)

    async def wakes(self, by, id="s-1"):
        async with self.database.ledger() as ledger:
            act = await self.act(by)
            await wake_alerts(act, id, ledger, self.organisation, self.now)

    async def stored(self):
        async with self.database.reading() as ledger:
            return await ledger.workflows.get(self.workflow.key)

    async def shown(self, notice=None):
        """What a message says since its newest edit."""
        async with self.database.reading() as ledger:
            return await ledger.notices.shown(notice or self.on or await self.alert())

    async def replies(self):
        """What stands in the thread of the first message."""
        alert = await self.alert()
        return [one.text for one in await said(self.database, to=SEARCH) if one.target == alert]

    async def home(self, person):
        async with self.database.reading() as ledger:
            return str(await show_home(person, ledger, self.organisation, self.now))

    async def heard(self, person):
        return [one.text for one in await said(self.database, to=person)]
