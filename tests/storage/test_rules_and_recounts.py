"""After any rules, changes and records in any order: the sums are those of a rebuild, and of
attributing everything anew.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.attribution import Attribution, Clue, Rule, whose
from bot.periods import open_since
from bot.rule_changes import in_order
from bot.usage import SentUsage, read_usage
from handlers.flows.recount_usage import recount_usage
from storage.columns import to_micros
from storage.usage_moves import usage_of
from storage.usage_sums import Row
from tests.builders import MONDAY, a_team, a_workflow, an_organisation
from tests.storage.test_usage import everything

KEYS = ("search-ranking", "support-chat")
NAMES = ("", "a", "b")
# In Berlin.
NOVEMBER = to_micros(datetime(2026, 10, 31, 23, tzinfo=UTC))
RECORDS = st.builds(
    lambda id, usd, days, name, key, service, user: SentUsage(
        id=f"r-{id}",
        at=MONDAY - timedelta(days=days),
        cost=Decimal(usd),
        workflow=name,
        key=key,
        service=service,
        user=user,
    ),
    st.integers(0, 5),
    st.integers(0, 9),
    st.sampled_from([0, 1, 8, 40]),
    st.sampled_from(["", "nobody", *KEYS]),
    *[st.sampled_from(NAMES)] * 3,
)
RULES = st.lists(
    st.builds(
        Rule,
        st.sampled_from([Clue.KEY, Clue.SERVICE, Clue.PERSON, Clue.SOURCE]),
        st.sampled_from(["a", "b", "*"]),
        st.sampled_from(KEYS),
    ),
    unique_by=lambda rule: rule.id,
    max_size=4,
)
# A batch, or new rules, or a page of telling records anew.
STEPS = st.lists(
    st.one_of(st.lists(RECORDS, min_size=1, max_size=4), RULES.map(tuple), st.none()), max_size=6
)


async def begun(database):
    """False where an earlier example has."""
    async with database.ledger() as ledger:
        if await ledger.workflows.all():
            return False
        await ledger.organisation.save(an_organisation())
        await ledger.teams.save(a_team())
        for key in KEYS:
            await ledger.workflows.add(a_workflow(key=key, name=key))
        return True


async def emptied(database):
    tables = ("usage", "corrected_usage", "usage_hours", "period_totals", "attribution_rules")
    async with database.ledger() as ledger:
        connection = await ledger.spend._session.connection()
        for table in (*tables, "recounts", "sources", "source_accounts", "source_hours"):
            await connection.exec_driver_sql(f"DELETE FROM {table}")
        await ledger.organisation.touch()


async def done(database, step):
    async with database.ledger() as ledger:
        organisation = await ledger.organisation.get()
        if step is None:
            await recount_usage(ledger, organisation, MONDAY)
        elif isinstance(step, tuple):
            await ledger.attribution_rules.arrange(step, "U0SAM", MONDAY)
            await ledger.recounts.want(open_since(MONDAY), "U0SAM", MONDAY)
        else:
            await ledger.usage.record([read_usage(one, "gateway", MONDAY) for one in step], MONDAY)


async def settled(database):
    while True:
        async with database.reading() as ledger:
            if not await ledger.recounts.running():
                return
        await done(database, None)


async def records(database):
    names = ", ".join(f'"{name}"' for name in Row._fields)
    async with database.reading() as ledger:
        connection = await ledger.spend._session.connection()
        found = await connection.exec_driver_sql(f"SELECT {names} FROM usage")
        return [Row._make(row) for row in found]


async def sums(database):
    totals = await everything(database, "period_totals", "records <> 0")
    # The newest instant of what was taken back may stay.
    return [row[:-1] for row in totals], await everything(database, "usage_hours", "records <> 0")


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_all_sums_are_those_of_attributing_everything_anew(database, steps):
    if not await begun(database):
        await emptied(database)
    for step in steps:
        await done(database, step)
    await settled(database)

    async with database.reading() as ledger:
        rules = in_order(await ledger.attribution_rules.all())
    anew = Attribution(rules)
    for row in await records(database):
        if row.at >= NOVEMBER:
            assert row.workflow == whose(anew, usage_of(row).trace, KEYS).workflow
    before = await sums(database)
    async with database.ledger() as ledger:
        await ledger.usage.rebuild()
    assert await sums(database) == before


async def test_a_change_of_rules_takes_effect_with_the_next_record(database):
    await begun(database)
    called = [SentUsage(id=f"r-{n}", at=MONDAY, cost=Decimal(1), key="a") for n in range(3)]
    rules = (), (Rule(Clue.KEY, "a", KEYS[0]),), (Rule(Clue.KEY, "a", KEYS[1]),)

    for sent, arranged in zip(called, rules, strict=True):
        await done(database, arranged)
        await done(database, [sent])

    found = {row.id: row.workflow for row in await records(database)}
    assert found == {"r-0": "", "r-1": KEYS[0], "r-2": KEYS[1]}
