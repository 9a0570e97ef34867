"""Realtime estimates and bills of the same dollars: reconciled, never added."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from msgspec.structs import replace

from bot.attribution import UNATTRIBUTED, UNMETERED, Clue, Clues, Rule
from bot.charges import DAY, Bill, Charge, Stretch
from bot.sources import Kind
from bot.usage import CostBasis, SentUsage, read_usage
from handlers.desk import Desk
from handlers.flows.reconcile_bills import reconcile_bills
from handlers.flows.record_bill import record_bill
from handlers.flows.record_usage import record_usage
from handlers.flows.recount_usage import recount_usage
from tests.builders import a_team, a_workflow, an_organisation
from tests.ruling import add_rule

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
NOW = MONDAY + timedelta(days=4)
KEY = Clues(key="key-search")


@pytest.fixture
async def desk(database):
    async with database.ledger() as ledger:
        await ledger.organisation.save(an_organisation())
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow(key="search"))
        await ledger.workflows.add(a_workflow(key="triage"))
    return Desk(database)


def seen(workflow: str, cost: str, *, id: str = "1", hours: int = 10):
    sent = SentUsage(
        f"{workflow}-{id}",
        MONDAY + timedelta(hours=hours),
        workflow,
        provider="openai",
        model="gpt-4o",
        cost=Decimal(cost),
    )
    return read_usage(sent, "gateway", NOW)


def a_charge(cost: str, *, clues: Clues = Clues(), final: bool = True, id: str = "all") -> Charge:  # noqa: B008
    return Charge(id, "openai", MONDAY, MONDAY + DAY, Decimal(cost), final, clues=clues)


async def book(desk, *records):
    async with desk.database.ledger() as ledger:
        await record_usage(records, ledger, desk, NOW)


async def bill(desk, *charges):
    async with desk.database.ledger() as ledger:
        stretch = Stretch(MONDAY, MONDAY + DAY)
        await record_bill(Bill("bill/openai", stretch, charges), ledger, desk, NOW)
    await tick(desk)


async def tick(desk):
    for job in (recount_usage, reconcile_bills):
        async with desk.database.ledger() as ledger:
            await job(ledger, await desk.organisation(ledger), NOW)


async def rule(desk, clue: Clue, pattern: str, workflow: str):
    async with desk.database.ledger() as ledger:
        await add_rule(ledger, Rule(clue, pattern, workflow), "U0ADMIN", NOW)
        await ledger.recounts.want(MONDAY - DAY, "U0ADMIN", NOW)
    await tick(desk)


async def spent(desk) -> dict[str, Decimal]:
    """As the totals say, which are what a rebuild comes to."""
    async with desk.database.ledger() as ledger:
        before = await totals(ledger)
        await ledger.usage.rebuild()
        assert await totals(ledger) == before
    return {key: amount for key, amount in before.items() if amount}


async def totals(ledger) -> dict[str, Decimal]:
    found = {}
    for key in ("search", "triage", UNATTRIBUTED, UNMETERED):
        days = await ledger.history.days([key], MONDAY - DAY, MONDAY + 3 * DAY)
        found[key] = sum((cost for _, cost in days.get(key, ())), Decimal(0))
    return found


async def settled(desk):
    async with desk.database.ledger() as ledger:
        return (await ledger.reconciliations.between(MONDAY, MONDAY + DAY))[0]


async def test_a_coarse_bill_leaves_realtime_and_charges_the_rest_to_nobody(desk):
    await book(desk, seen("search", "30"), seen("triage", "10"))
    await bill(desk, a_charge("50"))

    assert await spent(desk) == {"search": 30, "triage": 10, UNMETERED: 10}


async def test_a_bill_below_what_was_seen_is_a_discount(desk):
    await book(desk, seen("search", "30"))
    await bill(desk, a_charge("24"))

    assert await spent(desk) == {"search": 30, UNMETERED: -6}


async def test_a_bill_that_may_still_change_counts_nowhere_while_realtime_stands(desk):
    await book(desk, seen("search", "30"))
    await bill(desk, a_charge("12", final=False))

    assert await spent(desk) == {"search": 30}
    assert not (await settled(desk)).settled


async def test_a_bill_nobody_saw_coming_counts_at_once_and_makes_room_for_realtime(desk):
    await bill(desk, a_charge("12", final=False))
    assert await spent(desk) == {UNATTRIBUTED: 12}

    await book(desk, seen("search", "30"))
    await tick(desk)
    assert await spent(desk) == {"search": 30}


async def test_what_the_bill_names_costs_what_is_billed(desk):
    await rule(desk, Clue.KEY, "key-search", "search")
    await book(desk, seen("search", "30"), seen("triage", "10"))
    await bill(desk, a_charge("33", clues=KEY, id="k"), a_charge("12"))

    assert await spent(desk) == {"search": 33, "triage": 10, UNMETERED: 2}
    day = await settled(desk)
    assert day.billed == 45 == day.workflows + day.unattributed + day.unmetered


async def test_more_seen_of_what_the_bill_names_is_taken_back_as_well(desk):
    await rule(desk, Clue.KEY, "key-search", "search")
    await book(desk, replace_basis(seen("search", "30")))
    await bill(desk, a_charge("33", clues=KEY))

    await book(desk, replace_basis(seen("search", "5", id="2")))
    await tick(desk)

    assert await spent(desk) == {"search": 33}


async def test_a_corrected_bill_and_a_late_record_are_settled_again(desk):
    await book(desk, seen("search", "30"))
    await bill(desk, a_charge("50"))
    await bill(desk, a_charge("45"))
    assert await spent(desk) == {"search": 30, UNMETERED: 15}

    await book(desk, seen("triage", "5"))
    await tick(desk)
    assert await spent(desk) == {"search": 30, "triage": 5, UNMETERED: 10}

    await bill(desk)
    assert await spent(desk) == {"search": 30, "triage": 5}


async def test_a_new_rule_moves_records_and_bills(desk):
    await book(desk, replace_clues(seen("", "30"), KEY))
    await bill(desk, a_charge("33", clues=KEY))
    assert await spent(desk) == {UNATTRIBUTED: 30, UNMETERED: 3}

    await rule(desk, Clue.KEY, "key-*", "search")

    assert await spent(desk) == {"search": 33}


async def test_a_bucket_across_local_midnight_is_split_as_realtime_was(desk):
    """Berlin's day ends at 23:00 UTC."""
    await rule(desk, Clue.KEY, "key-search", "search")
    await book(desk, seen("search", "30", hours=10), seen("search", "10", id="2", hours=23))
    await bill(desk, a_charge("20", clues=KEY))

    async with desk.database.ledger() as ledger:
        days = await ledger.history.days(["search"], MONDAY - DAY, MONDAY + 3 * DAY)
    assert [cost for _, cost in days["search"]] == [15, 5]


def replace_clues(usage, clues):
    return msgspec.structs.replace(usage, clues=clues)


async def test_a_bill_may_name_a_workflow_by_a_tag(desk):
    await bill(desk, replace(a_charge("12"), tags=("env:prod", "workflow:search")))

    assert await spent(desk) == {"search": 12}


async def test_what_a_gateway_tells_with_the_key_of_a_program_silences_telemetry_too(desk):
    telemetry = msgspec.structs.replace(
        seen("search", "30"), source="agents/claude-code", sender="agents", kind=Kind.TELEMETRY
    )
    await book(desk, telemetry, seen("triage", "10"))
    assert await spent(desk) == {"search": 30, "triage": 10}

    await book(desk, msgspec.structs.replace(seen("search", "29", id="2"), kind=Kind.GATEWAY))
    await tick(desk)

    assert await spent(desk) == {"search": 29, "triage": 10}


def replace_basis(usage):
    return msgspec.structs.replace(usage, basis=CostBasis.COMPUTED)


def by_telemetry(usage):
    return msgspec.structs.replace(
        usage, source="agents/claude-code", sender="agents", kind=Kind.TELEMETRY
    )


async def test_a_call_that_failed_silences_nobody(desk):
    await book(desk, by_telemetry(seen("search", "30")))
    await book(desk, msgspec.structs.replace(seen("search", "0", id="2"), kind=Kind.GATEWAY))
    await tick(desk)

    assert await spent(desk) == {"search": 30}


async def test_what_is_refused_silences_nobody(desk):
    await book(desk, by_telemetry(seen("search", "30")), seen("triage", "1"))
    other = msgspec.structs.replace(
        seen("search", "29", id="2"), kind=Kind.GATEWAY, sender="another key"
    )
    await book(desk, other)
    await tick(desk)

    assert await spent(desk) == {"search": 30, "triage": 1}


async def test_admins_hear_once_who_counts_no_more(desk):
    await book(desk, by_telemetry(seen("search", "30")))
    for number in ("2", "3"):
        gateway = msgspec.structs.replace(seen("search", "9", id=number), kind=Kind.GATEWAY)
        await book(desk, gateway)

    async with desk.database.ledger() as ledger:
        (key,) = await ledger.notices.under("outranked:agents/claude-code@openai:")
        said = await ledger.notices.card(key)
        (change,) = await ledger.changes.of("source:agents/claude-code")
    assert "agents/claude-code for openai" in said.text
    assert change.what == "counts no more for openai"
