"""Random spend, snoozes, acts, changes of caps, restarts and steps of the clock keep the laws."""

import asyncio
import shutil
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import count

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bot.moves import Move, made
from bot.refusal import Refusal
from bot.workflows import Caps, Status
from handlers.desk import Desk
from handlers.flows.record_usage import record_usage
from handlers.steps.quiet_marks import QuietMarks
from handlers.steps.tell_cap_change import tell_cap_change
from storage.database import Database
from tests.alerting import SEARCH, Alerts
from tests.builders import ANA, MIA, OWEN, SAM, a_team, a_workflow
from tests.outbox import said
from tests.spending import a_record

HOUR = timedelta(hours=1)
# So near to the weekly cap that both are crossed in one life.
MONTH = Decimal(600)
WORKFLOW = a_workflow(caps=Caps(weekly=Decimal(250), monthly=MONTH))
WHO = st.sampled_from([OWEN, OWEN, MIA, ANA, SAM, "U0EVE"])
STEPS = st.one_of(
    st.tuples(st.just("book"), st.sampled_from([5, 20, 60, 120])),
    st.tuples(st.just("correct"), st.sampled_from([1, 40])),
    st.tuples(st.just("wait"), st.sampled_from([4, 9, 25, 80]), st.booleans()),
    st.tuples(st.just("snoozes_or_wakes"), WHO, st.sampled_from([1, 7, 7])),
    st.tuples(st.just("acts"), WHO, st.sampled_from(["sees", "explains", "drops"])),
    st.tuples(st.just("changes"), st.sampled_from([200, 250, 400, Move.PAUSE, Move.RESUME])),
)


class Life:
    """The bot beside what a bystander has seen of it."""

    def __init__(self, database):
        self.runner = asyncio.Runner()
        self.alerts = self.do(Alerts(database, workflow=WORKFLOW).settle())
        self.database = database
        self.marks = QuietMarks()
        self.numbers = count()
        self.snooze = None
        # Notices seen so far; and those of alerts that were said since somebody acted.
        self.seen = 0
        self.acted = True

    def do(self, coroutine):
        return self.runner.run(coroutine)

    def teardown(self):
        self.do(self.database.close())
        self.runner.close()

    def book(self, usd, id=None):
        """As the usage writer does it, with its memory; a second look finds nothing more."""
        self.do(self._book(usd, id or f"call-{next(self.numbers)}"))
        self.observe()
        self.do(self.alerts.look())
        assert self.new() == []

    def correct(self, usd):
        self.book(usd, "call-0")

    async def _book(self, usd, id):
        alerts = self.alerts
        async with self.database.ledger() as ledger:
            record = a_record(alerts.workflow, usd, alerts.now, id=id)
            desk = Desk(self.database, (SAM,))
            found = await record_usage([record], ledger, desk, alerts.now, self.marks)
        self.marks.remember(found.recorded.registry_version, found.quiet)

    def wait(self, hours, restarted):
        if restarted:
            self.marks = QuietMarks()
        over = self.snooze is not None and self.alerts.now + hours * HOUR >= self.snooze.until
        if over:
            self.snooze = None
        self.do(self.alerts.tick(hours * HOUR))
        self.observe()

    def snoozes_or_wakes(self, by, days):
        with suppress(Refusal):
            if self.snooze is None:
                self.snooze = self.do(self.alerts.snoozes(by, days, id=f"s-{next(self.numbers)}"))
            else:
                snooze, self.snooze = self.snooze, None
                self.do(self._wake(by, snooze))
        self.observe()

    async def _wake(self, by, snooze):
        try:
            await self.alerts.wakes(by, snooze.id)
        except Refusal:
            self.snooze = snooze

    def acts(self, by, how):
        with suppress(Refusal):
            self.do(self._act(by, how))
            self.acted = True
        self.observe()

    async def _act(self, by, how):
        if how == "sees":
            return await self.alerts.sees(by)
        if how == "explains":
            return await self.alerts.explains(by, "We know.", id=f"e-{next(self.numbers)}")
        return await self.alerts.drops(by, (await self.alerts.stored()).tier)

    def changes(self, what):
        """A cap, or whether it is active."""
        now, organisation = self.alerts.now, self.alerts.organisation

        def after(was):
            if isinstance(what, Move):
                return made(what, was, a_team(), OWEN, organisation, now)
            return replace(was, caps=Caps(weekly=Decimal(what), monthly=MONTH))

        with suppress(Refusal):
            self.do(self._save(after))
        self.observe()

    async def _save(self, change):
        alerts = self.alerts
        async with self.database.ledger() as ledger:
            was = await ledger.workflows.get(alerts.workflow.key)
            saved = await ledger.workflows.save(change(was))
            key = f"changed:{saved.version}"
            now, organisation = alerts.now, alerts.organisation
            await tell_cap_change(ledger, organisation, was, saved, now, said_by=key)

    def new(self):
        """What was posted in the channel since the last look."""
        posted = self.do(said(self.database, to=SEARCH))
        found, self.seen = posted[self.seen :], len(posted)
        return found

    def observe(self):
        for notice in self.new():
            if notice.key.startswith("alert:"):
                self._alert(notice)
            elif notice.key.startswith("acknowledge:"):
                assert not self.acted, "somebody had acted"

    def _alert(self, notice):
        self.alerts.on = notice.key
        threshold = int(notice.key.rpartition(":")[2])
        assert self.snooze is None or threshold > self.snooze.threshold
        assert self.do(self.alerts.stored()).status is Status.ACTIVE
        if threshold >= self.alerts.workflow.soft_limit:
            self.acted = False

    def nothing_is_said_twice(self):
        keys = Counter(one.key for one in self.do(said(self.database)))
        assert max(keys.values(), default=1) == 1

    def nobody_is_asked_twice_by_one_clock(self):
        found = self.do(self._clock())
        if found is not None:
            assert len(set(found.told)) == len(found.told)
            assert found.step <= len(found.hours)

    async def _clock(self):
        async with self.database.reading() as ledger:
            return await ledger.acknowledgements.newest(self.alerts.workflow.key)


# Each step asks a database: to shrink a failing life takes longer than to read it.
@settings(max_examples=20, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(begin=st.sampled_from([190, 240, 260]), steps=st.lists(STEPS, min_size=10, max_size=15))
def test_the_life_of_an_alert_keeps_the_laws(migrated_sqlite, tmp_path_factory, begin, steps):
    path = shutil.copy(migrated_sqlite, tmp_path_factory.mktemp("life") / "bot.db")
    life = Life(Database(f"sqlite:///{path}"))
    try:
        life.book(begin)
        for verb, *how in steps:
            getattr(life, verb)(*how)
        life.nothing_is_said_twice()
        life.nobody_is_asked_twice_by_one_clock()
    finally:
        life.teardown()
