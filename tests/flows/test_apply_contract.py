from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.addresses import Directory
from bot.contract import BadContract
from bot.money import from_nanos
from bot.plan import Registry
from bot.policy import Organisation
from bot.usage import SentUsage, read_usage
from bot.workflows import Caps, Status
from handlers.files.contract import read_document
from handlers.files.contract_text import contract_text
from handlers.files.nodes import compose
from handlers.flows.apply_contract import apply_contract
from handlers.flows.plan_contract import plan_contract
from handlers.flows.recount_usage import recount_usage
from handlers.steps.raise_alerts import raise_alerts
from handlers.steps.read_registry import read_registry
from storage.ledger import Ledger
from tests.builders import MONDAY, OWEN, SAM, a_team, a_workflow, an_organisation
from tests.outbox import said
from tests.spending import spend

LATER = MONDAY + timedelta(hours=1)
WORKFLOW = a_workflow(agreed_by=None, agreed_at=None)
SEARCH = "C0SEARCH"
MINI = "gpt-4o-mini"


async def current(ledger: Ledger) -> Organisation:
    return await ledger.organisation.get((SAM,))


async def registry(database) -> Registry:
    async with database.reading() as ledger:
        return await read_registry(ledger, await current(ledger))


async def apply(database, text, now=MONDAY):
    contract = read_document(compose(text.encode()), Directory())
    async with database.ledger() as ledger:
        organisation = await current(ledger)
        return await apply_contract(contract, ledger, organisation, now, file="acme.yaml")


def file_of(*workflows, team=None, organisation=None) -> str:
    return contract_text(
        Registry(
            organisation or an_organisation(),
            {"search": team or a_team()},
            {each.key: each for each in workflows},
        )
    )


async def trail(database, about):
    async with database.reading() as ledger:
        return await ledger.changes.of(about)


async def test_an_empty_bot_becomes_what_the_file_says(database):
    await apply(database, file_of(WORKFLOW))

    stored = await registry(database)
    workflow = stored.workflows[WORKFLOW.key]
    assert stored.organisation == an_organisation()
    assert stored.teams == {"search": a_team()}
    assert workflow.caps == WORKFLOW.caps
    assert (workflow.status, workflow.activated_at) == (Status.ACTIVE, MONDAY)
    assert workflow.agreed_by == "contract apply"
    assert await said(database) == []


async def test_applying_twice_changes_nothing(database):
    await apply(database, file_of(WORKFLOW))
    stored = await registry(database)

    plan = await apply(database, file_of(WORKFLOW), LATER)

    assert plan.is_empty
    assert await registry(database) == stored
    assert len(await trail(database, WORKFLOW.key)) == 1


async def test_what_is_exported_is_nothing_to_do(database):
    await apply(database, file_of(WORKFLOW))
    text = contract_text(await registry(database))

    async with database.reading() as ledger:
        contract = read_document(compose(text.encode()), Directory())
        plan = await plan_contract(contract, ledger, await current(ledger), LATER)

    assert plan.is_empty


async def test_every_change_has_its_audit_entry_with_the_file_as_reason(database):
    await apply(database, file_of(WORKFLOW))
    policy = replace(an_organisation().policy, finance_over=Decimal("750.50"))
    raised = replace(WORKFLOW, caps=Caps(weekly=Decimal(300), monthly=Decimal(900)))
    organisation = an_organisation(policy=policy)
    text = file_of(raised, team=a_team(channel="C0NEW"), organisation=organisation)

    await apply(database, text, LATER)

    for about, before, after in (
        ("policy", {"policy.finance_over": "500"}, {"policy.finance_over": "750.50"}),
        ("team:search", {"channel": SEARCH}, {"channel": "C0NEW"}),
        (WORKFLOW.key, {"weekly_cap": "250"}, {"weekly_cap": "300"}),
    ):
        change = (await trail(database, about))[0]
        assert (change.at, change.actor, change.reason) == (LATER, "contract apply", "acme.yaml")
        assert change.before == before
        assert change.after == after


async def test_a_bad_file_changes_nothing_at_all(database):
    await apply(database, file_of(WORKFLOW))
    stored = await registry(database)
    bad = replace(WORKFLOW, key="also", review_date=None)
    text = file_of(replace(WORKFLOW, name="Renamed"), bad, team=a_team(name="Renamed"))

    with pytest.raises(BadContract, match="still needs review_date"):
        await apply(database, text, LATER)

    assert await registry(database) == stored


async def test_the_team_hears_of_a_changed_cap_and_of_what_it_has_reached_once(database):
    await apply(database, file_of(WORKFLOW))
    await spend(database, (await registry(database)).workflows[WORKFLOW.key], "190", LATER)
    lowered = replace(WORKFLOW, caps=Caps(weekly=Decimal(200), monthly=Decimal(900)))

    await apply(database, file_of(lowered), LATER)
    async with database.ledger() as ledger:
        await raise_alerts(ledger, await current(ledger), [WORKFLOW.key], LATER)

    notices = await said(database)
    assert [notice.channel for notice in notices] == [SEARCH, OWEN]
    assert "The weekly cap is now $200.00; $190.00 (95 %) is spent" in notices[0].text
    assert "acme.yaml" in notices[0].text


async def test_a_renamed_workflow_is_no_news_for_the_channel(database):
    await apply(database, file_of(WORKFLOW))

    await apply(database, file_of(replace(WORKFLOW, name="Renamed")), LATER)

    assert await said(database) == []


async def test_retiring_by_file_closes_what_retiring_by_hand_closes(database):
    await apply(database, file_of(WORKFLOW))

    await apply(database, file_of(replace(WORKFLOW, status=Status.RETIRED, tool="Other")), LATER)

    workflow = (await registry(database)).workflows[WORKFLOW.key]
    assert (workflow.status, workflow.tool) == (Status.RETIRED, "Other")
    assert "*retired* by contract apply" in (await said(database))[0].text
    assert [change.what for change in await trail(database, WORKFLOW.key)] == [
        "asked to revoke its keys",
        "retired",
        "changed",
        "registered",
    ]


async def test_a_moved_zone_is_kept_for_every_workflow_of_the_team(database):
    await apply(database, file_of(WORKFLOW, replace(WORKFLOW, key="second")))

    only_first = file_of(WORKFLOW, team=a_team(timezone="Asia/Tokyo"))
    await apply(database, only_first, LATER)

    stored = await registry(database)
    for key in (WORKFLOW.key, "second"):
        assert [calendar.zone for calendar in stored.workflows[key].calendars] == [
            "Europe/Berlin",
            "Asia/Tokyo",
        ]


@pytest.mark.parametrize(
    "section",
    [
        "prices: [{model: gpt-5, input: 1, output: 8}]",
        "sources: [{name: ci, lane: information}]",
    ],
)
async def test_what_is_booked_is_told_anew_when_prices_or_lanes_change(database, section):
    once = await apply(database, f"version: 1\n{section}\n")
    async with database.ledger() as ledger:
        wanted = await ledger.recounts.running()
    again = await apply(database, f"version: 1\n{section}\n")

    async with database.ledger() as ledger:
        assert await ledger.recounts.running() == wanted
    assert (once.is_empty, again.is_empty, len(wanted)) == (False, True, 1)


async def test_what_is_booked_costs_what_the_prices_of_now_say(database):
    """`ours` has no price in the table, gpt-4o has one; what a sender priced stays."""
    await apply(database, file_of(WORKFLOW))
    sent = [
        SentUsage(f"r-{model}", MONDAY, WORKFLOW.key, provider="openai", model=model, **used)
        for model, used in (
            ("gpt-4o", {"input_tokens": 1_000_000}),
            ("ours", {"input_tokens": 1_000_000}),
            ("gpt-4o-mini", {"input_tokens": 1_000_000, "cost": Decimal(7)}),
        )
    ]
    async with database.ledger() as ledger:
        await ledger.usage.record([read_usage(one, "gateway", LATER) for one in sent], LATER)
    listed = await costs(database)

    assert await priced(database, "gpt-4o", "ours", at=1) == {"gpt-4o": 1, "ours": 1, MINI: 7}
    assert await priced(database, "gpt-4o", "ours", at=2) == {"gpt-4o": 2, "ours": 2, MINI: 7}
    assert await priced(database, "ours", at=3) == listed | {"ours": 3}
    assert await priced(database) == listed
    assert (listed["gpt-4o"], listed[MINI]) == (Decimal("2.5"), 7)


async def priced(database, *models, at=0):
    prices = ", ".join(f"{{model: {model}, input: {at}, output: {at}}}" for model in models)
    await apply(database, f"version: 1\nprices: [{prices}]\n", LATER)
    async with database.ledger() as ledger:
        await recount_usage(ledger, await current(ledger), LATER)
    return await costs(database)


async def costs(database):
    """Of the records, and that they are what their hours add up to."""
    async with database.reading() as ledger:
        connection = await ledger.spend._session.connection()
        found = await connection.exec_driver_sql("SELECT model, cost FROM usage")
        each = {model: from_nanos(nanos) for model, nanos in found.all()}
        found = await connection.exec_driver_sql("SELECT model, cost FROM usage_hours")
        assert {model: from_nanos(nanos) for model, nanos in found.all()} == each
        return each
