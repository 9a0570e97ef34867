import pytest

from bot.attribution import Clue, Rule
from bot.cards.contract import plan_lines
from bot.contract import BadContract
from bot.plan import Plan
from handlers.files.contract import read_contract
from handlers.files.contract_text import contract_text
from handlers.flows.apply_contract import apply_contract
from handlers.flows.plan_contract import plan_contract
from handlers.steps.read_registry import read_registry
from tests.builders import MONDAY, SAM, a_workflow
from tests.registry import settled
from tests.ruling import add_rule

RULES = """
version: 1
attribution:
  - {service: "api-*", workflow: search-ranking}
  - {key: sk-1, workflow: support-chat}
  - {service: api-eu, workflow: support-chat}
"""


async def company(database):
    await settled(database, a_workflow(), a_workflow(key="support-chat", name="Support chat"))


async def applied(database, text) -> Plan:
    async with database.ledger() as ledger:
        organisation = await ledger.organisation.get((SAM,))
        return await apply_contract(
            read_contract(text), ledger, organisation, MONDAY, file="r.yaml"
        )


async def plan_of(database, text):
    async with database.reading() as ledger:
        organisation = await ledger.organisation.get((SAM,))
        plan = await plan_contract(read_contract(text), ledger, organisation, MONDAY)
        return [f"{line.sign} {line.about} {line.note or line.after}" for line in plan_lines(plan)]


async def rules(database):
    async with database.reading() as ledger:
        return await ledger.attribution_rules.all()


async def exported(database):
    async with database.reading() as ledger:
        return contract_text(await read_registry(ledger, await ledger.organisation.get((SAM,))))


async def test_rules_are_applied_once_in_their_order_and_records_told_anew(database):
    await company(database)

    await applied(database, RULES)
    again = await applied(database, RULES)

    assert again.is_empty
    assert await rules(database) == (
        Rule(Clue.KEY, "sk-1", "support-chat"),
        Rule(Clue.SERVICE, "api-*", "search-ranking"),
        Rule(Clue.SERVICE, "api-eu", "support-chat"),
    )
    async with database.reading() as ledger:
        assert len(await ledger.recounts.running()) == 1
        (change,) = await ledger.changes.of("attribution")
    assert change.reason == "r.yaml"
    assert change.after["rules"][0] == "key:sk-1 → support-chat"


async def test_what_is_exported_changes_nothing(database):
    await company(database)
    await applied(database, RULES)

    text = await exported(database)

    assert "- key: sk-1" in text
    assert (await applied(database, text)).is_empty


async def test_a_rule_that_slack_made_is_drift_until_it_is_exported(database):
    await company(database)
    await applied(database, RULES)
    async with database.ledger() as ledger:
        made = Rule(Clue.PERSON, "kim", "support-chat")
        await add_rule(ledger, made, SAM, MONDAY)

    assert await plan_of(database, RULES) == [
        "- attribution:person:kim → support-chat: not in the file",
        "· team:search not in the file (left alone)",
        "· search-ranking not in the file (left alone)",
        "· support-chat not in the file (left alone)",
    ]
    assert "· attribution not in the file (left alone)" in await plan_of(database, "version: 1\n")
    await applied(database, "version: 1\n")
    assert len(await rules(database)) == 4


async def test_a_plan_says_what_changes_and_what_stands_elsewhere(database):
    await company(database)
    await applied(database, RULES)
    other = """
version: 1
attribution:
  - {service: api-eu, workflow: support-chat}
  - {service: "api-*", workflow: support-chat}
  - {project: p-1, workflow: search-ranking}
"""

    assert (await plan_of(database, other))[:4] == [
        "- attribution:key:sk-1 → support-chat: not in the file",
        "+ attribution:project:p-1 → search-ranking",
        "~ attribution:service:api-* support-chat",
        "~ attribution the rules stand in another order",
    ]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("{key: a, workflow: nowhere}", "line 3, column 24: .*There is no workflow “nowhere”"),
        ("{key: a}", "line 3, column 5: .*workflow is missing"),
        ("{workflow: search-ranking}", "line 3, column 5: .*exactly one of key, team"),
        ("{key: a, team: b, workflow: search-ranking}", "line 3, column 5: .*exactly one of"),
        ("{colour: a, workflow: search-ranking}", "line 3, column 6: .*is no key here"),
        ('{key: " ", workflow: search-ranking}', "line 3, column 5: .*Write what it looks for"),
        ("just a text", "line 3, column 5: .*takes keys and values"),
        ("{key: {a: b}, workflow: search-ranking}", "line 3, column 11: .*takes one value"),
    ],
)
async def test_a_faulty_rule_is_refused_with_its_place(database, rule, said):
    await company(database)

    with pytest.raises(BadContract, match=said):
        await applied(database, f"version: 1\nattribution:\n  - {rule}\n")

    assert await rules(database) == ()


async def test_the_same_rule_twice_is_refused(database):
    await company(database)
    rule = "  - {key: a, workflow: search-ranking}\n"

    with pytest.raises(BadContract, match=r"line 4, .*is there twice; first on line 3"):
        await applied(database, f"version: 1\nattribution:\n{rule}{rule}")
