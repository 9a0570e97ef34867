"""Whatever comes in whatever order: totals, roll-ups, a rebuild and the records say one number."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bot.caps import running_periods
from bot.periods import BEGINNING, CALENDAR_KINDS, Calendar, period_of
from bot.usage import CostBasis, Outcome, Usage
from bot.workflows import Workflow
from storage.columns import to_micros
from tests.builders import MONDAY, a_team, a_workflow

Key = tuple[str, str, int]

WORKFLOWS = ("berlin", "kathmandu", "proposed", "nobody")


@dataclass
class Model:
    """The law, written down as plainly as can be."""

    workflows: dict[str, Workflow]
    records: dict[str, Usage] = field(default_factory=dict)
    late: defaultdict[Key, int] = field(default_factory=lambda: defaultdict(int))

    def book(self, usage, now):
        before = self.records.get(usage.id)
        if before is not None and _content(before) == _content(usage):
            return Outcome.REPEATED
        if before is not None:
            self._late(before, now, -1)
        self.records[usage.id] = usage
        self._late(usage, now, 1)
        return Outcome.TAKEN if before is None else Outcome.CORRECTED

    def _late(self, usage, now, sign):
        for key, period in self.periods(usage):
            self.late[key] += sign * (usage.nanos or 0) * (period.end <= now)

    def periods(self, usage):
        workflow = self.workflows.get(usage.workflow)
        if workflow is None:
            periods = [
                period_of(kind, usage.at, (Calendar(BEGINNING, "UTC"),)) for kind in CALENDAR_KINDS
            ]
        else:
            periods = [*running_periods(workflow, usage.at)]
        key = usage.workflow if workflow else ""
        return [((key, period.kind.value, to_micros(period.start)), period) for period in periods]

    def totals(self):
        """By workflow, kind and start: nano-dollars, assumed, records, unmetered, late."""
        sums: defaultdict[Key, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
        for usage in self.records.values():
            for key, _ in self.periods(usage):
                sums[key][0] += usage.nanos or 0
                sums[key][1] += (usage.nanos or 0) * (usage.basis is CostBasis.ASSUMED)
                sums[key][2] += 1
                sums[key][3] += usage.nanos is None
        for key, late in self.late.items():
            sums[key][4] = late
        return {key: tuple(held) for key, held in sums.items() if any(held)}


def _content(usage):
    return (usage.workflow, usage.at, usage.nanos, usage.basis, usage.input_tokens)


def usages(prefix):
    return st.builds(
        lambda id, workflow, minutes, nanos, basis, tokens: Usage(
            "test",
            f"{prefix}-{id}",
            workflow,
            MONDAY - timedelta(minutes=minutes),
            "openai",
            "gpt-4o" if minutes % 2 else "gpt-4o-mini",
            tokens,
            None,
            None,
            None,
            nanos,
            CostBasis.UNMETERED if nanos is None else basis,
            "",
            "",
            (),
            "test",
        ),
        st.integers(0, 5),
        st.sampled_from(WORKFLOWS),
        st.integers(0, 40) | st.integers(0, 60 * 24 * 40),
        st.none() | st.integers(0, 10**15),
        st.sampled_from([CostBasis.BILLED, CostBasis.CLIENT_ESTIMATE]),
        st.none() | st.integers(0, 10**6),
    )


async def rows(database, statement):
    async with database.reading() as ledger:
        connection = await ledger.spend._session.connection()
        return sorted(tuple(row) for row in await connection.execute(text(statement)))


TOTALS = """SELECT workflow, cap, start, cost, assumed, records, unmetered, late, last_at
FROM period_totals"""
HOURS = "SELECT * FROM usage_hours"


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
async def test_all_sums_agree(database, data):
    prefix = uuid4().hex
    workflows = {
        "berlin": a_workflow(key="berlin", activated_at=MONDAY - timedelta(minutes=20, seconds=7)),
        "kathmandu": a_workflow(
            key="kathmandu", calendars=(Calendar(BEGINNING, "Asia/Kathmandu"),)
        ),
        "proposed": a_workflow(key="proposed", activated_at=None),
    }
    await emptied(database, workflows)
    model = Model(workflows)
    batches = data.draw(
        st.lists(
            st.tuples(st.lists(usages(prefix), max_size=8), st.integers(0, 60 * 24 * 10)),
            max_size=5,
        )
    )
    now = MONDAY
    for batch, minutes in batches:
        now += timedelta(minutes=minutes)
        expected = [model.book(usage, now) for usage in batch]
        async with database.ledger() as ledger:
            recorded = await ledger.usage.record(batch, now)
        assert [answer.outcome for answer in recorded.answers] == expected

    totals, hours = await rows(database, TOTALS), await rows(database, HOURS)
    assert {row[:3]: row[3:8] for row in totals if any(row[3:8])} == model.totals()
    only = data.draw(st.none() | st.sampled_from(["berlin", "kathmandu", ""]))
    async with database.ledger() as ledger:
        await ledger.usage.rebuild(only)
    assert await rows(database, TOTALS) == totals
    assert await rows(database, HOURS) == hours
    by_day: defaultdict[str, int] = defaultdict(int)
    for workflow, _, _, _, cost, *_ in hours:
        by_day[workflow] += cost
    for workflow, cost in by_day.items():
        assert cost == sum(row[3] for row in totals if row[:2] == (workflow, "daily"))


async def emptied(database, workflows):
    async with database.ledger() as ledger:
        connection = await ledger.spend._session.connection()
        for table in ("usage", "corrected_usage", "usage_hours", "period_totals"):
            await connection.execute(text(f"DELETE FROM {table}"))
        if not await ledger.workflows.all():
            await ledger.teams.save(a_team())
            for workflow in workflows.values():
                await ledger.workflows.add(workflow)
