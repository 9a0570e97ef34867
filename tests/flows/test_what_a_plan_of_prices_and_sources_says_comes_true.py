"""What a plan says that prices and sources move is by how much figures differ once it is applied,
told anew and settled.
"""

from collections import Counter
from datetime import UTC, datetime
from random import Random

import msgspec
import pytest

from bot.attribution import Clue, Clues, Rule
from bot.charges import DAY, Bill, Charge, Stretch
from bot.money import ZERO, from_nanos, to_nanos
from bot.sources import Kind
from bot.usage import SentUsage, read_usage
from handlers.files.contract import read_contract
from handlers.flows.apply_contract import apply_contract
from handlers.flows.plan_contract import plan_contract
from handlers.flows.reconcile_bills import reconcile_bills
from handlers.flows.record_bill import record_bill
from handlers.flows.record_usage import record_usage
from handlers.flows.recount_usage import recount_usage
from handlers.steps import try_recount
from storage import recount_trials
from tests.billing import begun

# In Berlin a Monday, of which the week and the month are young.
NOW = datetime(2026, 11, 3, 12, 30, tzinfo=UTC)
FIRST = datetime(2026, 10, 29, tzinfo=UTC)
DAYS = 6
ZONES = {"search": "Europe/Berlin", "triage": "America/New_York", "agents": "UTC"}
KEYS = [Clues(key=f"k-{n}") for n in range(3)]
SENDERS = {"gateway": Kind.GATEWAY, "agents/codex": Kind.TELEMETRY, "app": Kind.API}
BILLS = {
    "bill/openai": Kind.BILL,
    "bill/focus-openai": Kind.EXPORT,
    "bill/anthropic": Kind.BILL,
    "bill/openai-usage": Kind.BILL,
}
MODELS = {"openai": ["gpt-4o", "ours"], "anthropic": ["claude-sonnet-4-5", "theirs"]}
STANDS = "SELECT workflow, cost, counts FROM usage WHERE cost IS NOT NULL"


def a_record(random, number):
    account = random.choice(["openai", "anthropic"])
    sender = random.choice(list(SENDERS))
    priced = {"cost": from_nanos(random.randrange(1, 10**10))}
    metered = {"input_tokens": random.randrange(10**6), "output_tokens": random.randrange(10**5)}
    sent = SentUsage(
        f"r-{number}",
        FIRST + random.random() * (NOW - FIRST),
        random.choice(["", "", "search", "triage", "unknown"]),
        provider=account,
        model=random.choice(MODELS[account]),
        key=random.choice(KEYS).key,
        **random.choice([metered, metered, priced, {}]),
    )
    return msgspec.structs.replace(read_usage(sent, sender, NOW), kind=SENDERS[sender])


def a_bill(random, name):
    account = "anthropic" if name.endswith("anthropic") else "openai"
    days = [FIRST + n * DAY for n in range(DAYS) if random.random() < 0.8]
    charges = [
        Charge(
            f"{day:%d}-{n}",
            account,
            day,
            day + DAY * random.choice([1, 1, 1, 2]),
            from_nanos(random.randrange(-(10**9), 10**10)),
            final,
            clues=random.choice([*KEYS, Clues()]),
        )
        for day in days
        for final in [random.random() < 0.8]
        for n in range(random.randrange(1, 5))
    ]
    stretch = Stretch(FIRST, FIRST + DAYS * DAY)
    return Bill(name, stretch, tuple(charges), NOW, BILLS[name])


def some_prices(random):
    for model in ("gpt-4o", "ours", "theirs"):
        if random.random() < 0.6:
            figures = ", ".join(
                f"{what}: {random.randrange(1, 4000) / 100}" for what in ("input", "output")
            )
            yield f"  - {{model: {model}, {figures}}}"


def some_sources(random):
    for name in (*SENDERS, *BILLS):
        said = ["lane: information"]
        if name in BILLS:
            said.append("lane: billed")
        else:
            said += [f"account: {one}" for one in ("openai", "azure.ai.openai")]
        if random.random() < 0.4:
            yield f"  - {{name: {name}, {random.choice(said)}}}"


def some_rules(random):
    rules = {
        rule.id: rule
        for rule in (
            Rule(Clue.KEY, random.choice(["k-0", "k-*"]), random.choice(list(ZONES))),
            Rule(Clue.SOURCE, random.choice(["gateway", "bill/*"]), random.choice(list(ZONES))),
        )
    }
    for one in rules.values():
        yield f'  - {{{one.clue}: "{one.pattern}", workflow: {one.workflow}}}'


def section(name, lines):
    found = list(lines)
    return "\n".join([f"{name}:", *found]) if found else f"{name}: []"


def a_contract(random, *, rules=False):
    parts = [section("prices", some_prices(random)), section("sources", some_sources(random))]
    parts += [section("attribution", some_rules(random))] if rules else []
    return "\n".join(["version: 1", *parts, ""])


async def rest(world):
    for _ in range(40):
        async with world.database.reading() as ledger:
            told_anew = not await ledger.recounts.running()
            busy = await ledger.reconciliations.waits(FIRST - DAY, NOW, NOW)
        if told_anew and not busy:
            return
        for job in (recount_usage, reconcile_bills):
            async with world.database.ledger() as ledger:
                await job(ledger, await world.desk.organisation(ledger), NOW)
    pytest.fail("It never comes to rest.")


async def applied(world, text):
    """What is planned before it is applied, and all is told anew and settled."""
    async with world.database.reading() as ledger:
        organisation = await world.desk.organisation(ledger)
        plan = await plan_contract(read_contract(text), ledger, organisation, NOW)
    async with world.database.ledger() as ledger:
        organisation = await world.desk.organisation(ledger)
        await apply_contract(read_contract(text), ledger, organisation, NOW, file="r.yaml")
    await rest(world)
    return plan


async def lives(database, seed):
    """A world at rest, by some prices, sources and rules."""
    random, world = Random(seed), await begun(database, ZONES)
    await applied(world, a_contract(random, rules=True))
    async with database.ledger() as ledger:
        records = [a_record(random, n) for n in range(random.randrange(20, 90))]
        await record_usage(records, ledger, world.desk, NOW)
        for name in BILLS:
            await record_bill(a_bill(random, name), ledger, world.desk, NOW)
    await rest(world)
    return random, world


async def figures(world):
    sums: Counter[str] = Counter()
    for workflow, nanos, counts in await world.read(STANDS):
        sums[workflow] += nanos * counts
    return sums


async def records(world):
    """That count, by id: what they cost, of what assumed."""
    found = await world.read(
        "SELECT source, id, account, cost, basis, counts FROM usage WHERE rule <> 'assigned'"
    )
    return {tuple(row[:2]): tuple(row[2:]) for row in found}


def says(plan, before, after):
    said: Counter[str] = Counter()
    for move in plan.trial.moves if plan.trial else ():
        said[move.of] -= to_nanos(move.whole.cost)
        said[move.to] += to_nanos(move.whole.cost)
    for workflow, usd in plan.recount.gained if plan.recount else ():
        said[workflow] += to_nanos(usd)
    keys = {*before, *after, *said}
    assert {key: said[key] for key in keys} == {key: after[key] - before[key] for key in keys}


def counts_them(recount, before, after):
    """The numbers of records, and what those cost whose price changes."""
    repriced = begin = cease = moved = 0
    was = becomes = assumed = ZERO
    for key, (account, cost, basis, counts) in before.items():
        to, costs, by, still = after[key]
        begin += still > counts
        cease += counts > still
        if not (counts and still):
            continue
        moved += account != to
        if (cost, basis) != (costs, by):
            repriced += 1
            was, becomes = was + from_nanos(cost), becomes + from_nanos(costs)
            assumed += from_nanos(cost) if basis == "assumed" else ZERO
    said = recount.repriced
    assert (said.records, said.before, said.after) == (repriced, was, becomes)
    assert said.assumed_before == assumed
    assert (recount.begin.records, recount.cease.records) == (begin, cease)
    assert recount.moved.records == moved


@pytest.mark.parametrize("seed", range(8))
async def test_a_plan_says_by_how_much_figures_will_differ(database, seed, monkeypatch):
    monkeypatch.setattr(recount_trials, "_PAGE", 7 + seed * 20)
    random, world = await lives(database, seed)
    before, stood = await figures(world), await records(world)

    plan = await applied(world, a_contract(random))

    says(plan, before, await figures(world))
    assert (plan.recount is None) is not plan.has_other_spending
    if plan.recount is not None:
        counts_them(plan.recount, stood, await records(world))


@pytest.mark.parametrize("seed", range(20, 24))
async def test_also_beside_other_rules_each_by_itself(database, seed):
    random, world = await lives(database, seed)
    before = await figures(world)

    plan = await applied(world, a_contract(random, rules=True))

    says(plan, before, await figures(world))


async def test_of_more_records_than_it_looks_at_it_says_how_far_back_it_has(database, monkeypatch):
    world = await begun(database, ZONES)
    for number in range(12):
        sent = SentUsage(
            f"r-{number}", NOW - number * DAY / 24, provider="openai", model="ours", input_tokens=9
        )
        async with database.ledger() as ledger:
            await record_usage([read_usage(sent, "app", NOW)], ledger, world.desk, NOW)
    monkeypatch.setattr(try_recount, "_MOST", 5)

    plan = await applied(world, "version: 1\nprices: [{model: ours, input: 0, output: 0}]\n")

    assert plan.recount.repriced.records == 5
    assert plan.recount.back_to == NOW - 6 * DAY / 24
    assert await figures(world) == {"": 0}
