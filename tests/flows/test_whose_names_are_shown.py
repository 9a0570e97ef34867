"""A person is named to the same people wherever spend, rules and sources are listed."""

from decimal import Decimal

import msgspec
import pytest

from bot.attribution import Clue, Rule
from bot.cards.freshness import freshness
from bot.people import Person
from bot.sources import Kind
from bot.usage import SentUsage, read_usage
from handlers.flows.show_gaps import show_gaps
from handlers.flows.show_rules import show_rules
from handlers.flows.show_sources import show_sources
from handlers.flows.show_whose import WhosePage, show_whose
from handlers.steps.read_positions import read_positions
from tests.builders import ANA, FIN, MIA, MONDAY, OWEN, SAM, a_team, a_workflow, an_organisation
from tests.ruling import add_rule

ORGANISATION = an_organisation()
GUS = "U0GUS"
# Known from nothing but the records of their calls.
CALLER = "jo"


@pytest.fixture
async def known(database):
    """A workflow, and a rule for a key that is called as the caller is."""
    async with database.ledger() as ledger:
        await ledger.organisation.save(ORGANISATION)
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow())
        await add_rule(ledger, Rule(Clue.KEY, CALLER, "search-ranking"), SAM, MONDAY)
    return database


async def sent(database, workflow, source=CALLER):
    """A call, by an API key that is the caller's own."""
    cost = Decimal(5)
    call = SentUsage("call-1", MONDAY, workflow, user=CALLER, cost=cost, source=source)
    usage = msgspec.structs.replace(read_usage(call, CALLER, MONDAY), kind=Kind.API)
    async with database.ledger() as ledger:
        await ledger.usage.record([usage], MONDAY)


async def gaps(ledger, user):
    return await show_gaps(user, ledger, ORGANISATION, MONDAY)


async def rules(ledger, user):
    return await show_rules(start=0, by=user, ledger=ledger, organisation=ORGANISATION, now=MONDAY)


async def sources(ledger, user):
    return await show_sources(user, start=0, ledger=ledger, organisation=ORGANISATION, now=MONDAY)


async def whose(ledger, user):
    page = WhosePage(Clue.SOURCE)
    return await show_whose(page, by=user, ledger=ledger, organisation=ORGANISATION, now=MONDAY)


async def tags(ledger, user):
    page = WhosePage(Clue.DECLARED)
    return await show_whose(page, by=user, ledger=ledger, organisation=ORGANISATION, now=MONDAY)


async def shown_to(user, view, database):
    async with database.reading() as ledger:
        return (await view(ledger, user)).text


@pytest.mark.parametrize("user", [ANA, FIN, SAM])
@pytest.mark.parametrize(("view", "said"), [(gaps, "“jo”"), (whose, "“jo”"), (rules, "key “jo”")])
async def test_approvers_finance_and_admins_see_who_spent(known, view, said, user):
    await sent(known, "")

    assert said in await shown_to(user, view, known)


@pytest.mark.parametrize(
    ("view", "said"),
    [(gaps, "one person’s source"), (whose, "one person’s source"), (rules, "one person’s key")],
)
async def test_others_do_not_see_whom_only_the_records_name(known, view, said):
    await sent(known, "")

    text = await shown_to(GUS, view, known)

    assert said in text
    assert "jo" not in text.replace("belong", "")


@pytest.mark.parametrize("tag", ["user:jo", "jo"])
async def test_nor_who_is_named_by_a_tag(known, tag):
    call = SentUsage("call-2", MONDAY, user=CALLER, cost=Decimal(5), tags=(tag, "squad:blue"))
    async with known.ledger() as ledger:
        await ledger.usage.record([read_usage(call, "gateway", MONDAY)], MONDAY)

    assert f"“{tag}”" in await shown_to(FIN, tags, known)
    text = await shown_to(GUS, tags, known)
    assert "one person’s declared name or tag: $5.00, 1 record" in text
    assert "“squad:blue”" in text
    assert tag not in text.replace("belong", "")


async def test_a_rule_does_not_name_whose_spend_it_has_given_to_a_workflow(known):
    await sent(known, "search-ranking")

    assert "one person’s key → `search-ranking`" in await shown_to(GUS, rules, known)


async def test_a_source_is_named_to_who_owns_what_it_feeds_and_not_to_their_backup(known):
    await sent(known, "search-ranking")

    assert "*jo*" in await shown_to(OWEN, sources, known)
    assert "*one person’s source* · sent by HTTP" in await shown_to(MIA, sources, known)


@pytest.mark.parametrize("view", [gaps, whose])
async def test_nor_whose_key_a_client_tells_of_its_calls_with(known, view):
    await sent(known, "", f"{CALLER}/claude-code")

    assert "“jo/claude-code”" in await shown_to(FIN, view, known)
    text = await shown_to(GUS, view, known)
    assert "one person’s source:" in text
    assert "(one person’s source)." in text
    assert "claude-code" not in text


async def test_a_client_by_somebodys_key_is_named_to_who_owns_what_it_feeds(known):
    await sent(known, "search-ranking", f"{CALLER}/claude-code")

    assert "*jo/claude-code*" in await shown_to(OWEN, sources, known)
    assert "*one person’s source*" in await shown_to(MIA, sources, known)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("jo/claude-code", "one person’s source"),
        ("jo", "one person’s source"),
        ("gateway/claude-code", "gateway/claude-code"),
    ],
)
async def test_what_a_channel_reads_of_figures_names_nobodys_key(known, source, said):
    await sent(known, "search-ranking", source)
    async with known.ledger() as ledger:
        jo = Person("U0JO", "Jo", None, outsider=False, deleted=False, read_at=MONDAY)
        await ledger.people.save(jo)

    async with known.reading() as ledger:
        (position,) = await read_positions(ledger, [a_workflow()], MONDAY)

    assert f"({said})" in freshness(position.feeds, "UTC")
