from datetime import timedelta

import pytest

from bot.cards.contract import plan_lines
from bot.tiers import Tier, TierRule
from handlers.files.contract import read_contract
from handlers.files.contract_text import contract_text
from handlers.flows.apply_contract import apply_contract
from handlers.flows.plan_contract import plan_contract
from handlers.steps.read_registry import read_registry
from tests.builders import MONDAY, OWEN, SAM, a_workflow
from tests.registry import settled, types
from tests.spending import spend

TIERS = """
version: 1
tiers:
  cheap: [claude-haiku-*]
  premium: [claude-*, ours]
"""
pytestmark = pytest.mark.usefixtures("clock")


async def applied(database, text):
    async with database.ledger() as ledger:
        organisation = await ledger.organisation.get((SAM,))
        return await apply_contract(
            read_contract(text), ledger, organisation, MONDAY, file="r.yaml"
        )


async def test_tiers_are_applied_once_in_their_order_and_nothing_is_counted_anew(database):
    await settled(database, a_workflow())

    await applied(database, TIERS)
    again = await applied(database, TIERS)

    assert again.is_empty
    async with database.reading() as ledger:
        assert (await ledger.organisation.get()).tiers == (
            TierRule(Tier.CHEAP, "claude-haiku-*"),
            TierRule(Tier.PREMIUM, "claude-*"),
            TierRule(Tier.PREMIUM, "ours"),
        )
        assert await ledger.recounts.running() == ()
        (change,) = await ledger.changes.of("policy")
    assert change.after == {"tiers": ["cheap claude-haiku-*", "premium claude-*", "premium ours"]}
    assert change.reason == "r.yaml"


async def test_what_is_exported_changes_nothing_and_a_difference_is_shown(database):
    await settled(database, a_workflow())
    await applied(database, TIERS)

    async with database.reading() as ledger:
        organisation = await ledger.organisation.get((SAM,))
        text = contract_text(await read_registry(ledger, organisation))
        same = await plan_contract(read_contract(text), ledger, organisation, MONDAY)
        drifted = text.replace("claude-*, ours", "gpt-*, ours")
        other = await plan_contract(read_contract(drifted), ledger, organisation, MONDAY)

    assert same.is_empty
    (line,) = plan_lines(other)
    assert (line.field, line.after) == (
        "tiers",
        "cheap claude-haiku-*, premium gpt-*, premium ours",
    )


async def test_a_new_table_of_tiers_is_what_people_are_told_from_now_on(database):
    workflow = a_workflow()
    desk = await settled(database, workflow)
    await spend(database, workflow, "75", MONDAY - timedelta(hours=1), model="ours")
    await spend(database, workflow, "25", MONDAY - timedelta(hours=1), model="claude-haiku-4-5")
    before = await types(desk, OWEN, "why search-ranking")
    await applied(database, TIERS)

    after = await types(desk, OWEN, "why search-ranking")

    assert "by model tier:* cheap $25.00 (25 %), no known tier $75.00 (75 %)" in before.text
    assert "by model tier:* premium $75.00 (75 %), cheap $25.00 (25 %)" in after.text
