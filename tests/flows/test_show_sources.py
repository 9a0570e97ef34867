from decimal import Decimal

import msgspec
import pytest

from bot.pulls import Pull, failed
from bot.sources import Kind
from bot.usage import SentUsage, read_usage
from handlers.flows.show_sources import show_sources
from tests.builders import ANA, FIN, MONDAY, OWEN, SAM, a_team, a_workflow, an_organisation

ORGANISATION = an_organisation()


@pytest.fixture
async def known(database):
    """A gateway that feeds Owen's workflow and whose pulls fail; a key of somebody else's."""
    async with database.ledger() as ledger:
        await ledger.organisation.save(ORGANISATION)
        await ledger.teams.save(a_team())
        for key, owner in (("search-ranking", OWEN), ("other", ANA)):
            await ledger.workflows.add(a_workflow(key=key, owner=owner, backup=None))
        for name, key, kind in (
            ("gateway", "search-ranking", Kind.GATEWAY),
            ("ci", "other", Kind.API),
            ("reconciled/openai", "other", Kind.BILL),
        ):
            await ledger.usage.record([record(name, key, kind)], MONDAY)
        await ledger.pulls.claim("gateway", MONDAY, MONDAY)
        pull = Pull("gateway", MONDAY, MONDAY, failures=2)
        await ledger.pulls.save(failed(pull, "It refused the key.", MONDAY, MONDAY - MONDAY))
    return database


def record(sender, workflow, kind):
    sent = SentUsage(id="call-1", at=MONDAY, workflow=workflow, model="gpt-5", cost=Decimal(1))
    return msgspec.structs.replace(read_usage(sent, sender, MONDAY), kind=kind)


async def shown_to(user, database):
    async with database.reading() as ledger:
        card = await show_sources(
            user, start=0, ledger=ledger, organisation=ORGANISATION, now=MONDAY
        )
    return card.text


@pytest.mark.parametrize("user", [SAM, FIN])
async def test_admins_and_finance_see_all_with_their_errors(known, user):
    text = await shown_to(user, known)

    assert "*Sources of spend* (2)" in text
    assert "*ci*" in text
    assert "⚠ failing, 3 times in a row: It refused the key." in text
    assert "reconciled" not in text


async def test_others_see_those_of_their_workflows_without_errors(known):
    text = await shown_to(OWEN, known)

    assert "*Sources of your workflows* (1)" in text
    assert "*gateway*" in text
    assert "refused" not in text
    assert "*ci*" not in text


async def test_who_owns_nothing_is_told_so(known):
    assert "No source has brought spend of your workflows" in await shown_to("U0NEW", known)
