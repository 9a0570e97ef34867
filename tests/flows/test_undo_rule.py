"""Undone, a change of a rule leaves every record with whom it belonged to before."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.attribution import Clue, Rule
from bot.rule_changes import Reach, RuleChange
from handlers.flows.change_rule import change_rule, undo_rule
from handlers.flows.preview_rule import preview_rule, preview_undo
from handlers.flows.recount_usage import recount_usage
from tests.builders import MONDAY, SAM, a_workflow, an_organisation
from tests.flows.test_attribution_rules import CHAT, a_call, book
from tests.registry import settled
from tests.storage.test_rules_and_recounts import sums

pytestmark = pytest.mark.usefixtures("clock")

RANKING = Rule(Clue.SERVICE, "api-*", "search-ranking")
SUPPORT = Rule(Clue.SERVICE, "*-eu", "support-chat")
TRIAGE = Rule(Clue.SERVICE, "api-*", "triage")
KEY = Rule(Clue.KEY, "k-1", "triage")
MONTHS = (MONDAY, MONDAY - timedelta(days=40), MONDAY - timedelta(days=70))
CHANGES = {
    "made": RuleChange(None, KEY),
    "changed": RuleChange(RANKING, TRIAGE),
    "removed": RuleChange(RANKING, None),
    "moved": RuleChange(SUPPORT, SUPPORT, 0),
}


async def company(database):
    desk = await settled(database, a_workflow(), CHAT, a_workflow(key="triage", name="Triage"))
    calls = [
        a_call(f"{service}-{key}-{n}", at=at, service=service, key=key, workflow=said)
        for service, key, said in (
            ("api-eu", "k-1", ""),
            ("api-us", "", "search"),
            ("web-eu", "", "support-chat"),
            ("web-us", "k-1", ""),
        )
        for n, at in enumerate(MONTHS)
    ]
    await book(database, *calls)
    return desk


def now_as(now):
    return {"by": SAM, "organisation": an_organisation(), "now": now}


async def rest(database, now=MONDAY):
    while True:
        async with database.ledger() as ledger:
            if not await ledger.recounts.running():
                return
            await recount_usage(ledger, an_organisation(), now)


async def changes(database, change, reach, now=MONDAY):
    """The number of the change."""
    named: dict[str, Any] = now_as(now)
    async with database.reading() as ledger:
        found = (await preview_rule(change, reach, ledger=ledger, **named)).tried.found
    async with database.ledger() as ledger:
        await change_rule(found, ledger=ledger, **named)
    return await newest(database)


async def newest(database):
    async with database.reading() as ledger:
        return max(one.id for one in await ledger.rule_changes.untold())


async def undoes(database, number, now=MONDAY):
    """What was found to move back."""
    named: dict[str, Any] = now_as(now)
    async with database.reading() as ledger:
        found = (await preview_undo(number, ledger=ledger, **named)).tried.found
    async with database.ledger() as ledger:
        await undo_rule(number, found, ledger=ledger, **named)
    return found.moved


async def whose(database):
    async with database.reading() as ledger:
        connection = await ledger.spend._session.connection()
        asked = text("SELECT id, workflow, declared, rule FROM usage ORDER BY id")
        return {id: tuple(rest) for id, *rest in await connection.execute(asked)}


def differing(one, other):
    return sum(one[id][0] != other[id][0] for id in one)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("undone", Reach)
@pytest.mark.parametrize("reach", [Reach.OPEN, Reach.ALL])
async def test_what_a_change_moved_goes_back_to_whom_it_belonged(database, reach, undone, change):
    await company(database)
    for rule in (RANKING, SUPPORT):
        await changes(database, RuleChange(None, rule), reach)
        await rest(database)
    before = await whose(database)

    number = await changes(database, change, undone)
    await rest(database)
    after = await whose(database)
    moved = await undoes(database, number)
    assert moved.records == differing(before, after)
    again = await newest(database)
    await rest(database)
    assert await whose(database) == before

    held = await sums(database)
    async with database.ledger() as ledger:
        await ledger.usage.rebuild()
    assert await sums(database) == held
    await undoes(database, again)
    await rest(database)
    assert await whose(database) == after


async def test_also_before_its_records_are_all_told_anew(database):
    await company(database)
    await changes(database, RuleChange(None, RANKING), Reach.OPEN)
    await rest(database)
    before = await whose(database)

    await undoes(database, await changes(database, CHANGES["changed"], Reach.ALL))
    await rest(database)

    assert await whose(database) == before


@pytest.mark.parametrize("undone", [Reach.LAST_MONTH, Reach.ALL])
async def test_months_that_ended_meanwhile_go_back_as_well(database, undone):
    await company(database)
    await changes(database, RuleChange(None, RANKING), Reach.OPEN)
    await rest(database)
    before = await whose(database)
    number = await changes(database, CHANGES["changed"], undone)
    await rest(database)

    later = MONDAY + timedelta(days=14)
    await undoes(database, number, later)
    await rest(database, later)

    assert await whose(database) == before


async def test_what_somebody_else_moved_since_in_closed_months_stays(database):
    await company(database)
    number = await changes(database, RuleChange(None, SUPPORT), Reach.ALL)
    await rest(database)
    await changes(database, RuleChange(None, KEY), Reach.ALL)
    await rest(database)
    before = await whose(database)

    await undoes(database, number)
    await rest(database)

    assert await whose(database) == before
