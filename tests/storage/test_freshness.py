from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest

from bot.charges import Bill, Charge, Stretch
from bot.sources import IMPORT, Kind, Lane, Reported, SourceSetting
from bot.usage import SentUsage, read_usage
from tests.builders import MONDAY, a_team, a_workflow, an_organisation

DAY = timedelta(days=1)
TODAY = MONDAY.replace(hour=0)


@pytest.fixture
async def ledgers(database):
    async with database.ledger() as ledger:
        await ledger.organisation.save(an_organisation())
        await ledger.teams.save(a_team())
        for key in ("search-ranking", "other"):
            await ledger.workflows.add(a_workflow(key=key))
    return database


def record(workflow, at=MONDAY, *, sender="gateway", id="call-1", kind=Kind.API):
    sent = SentUsage(id=id, at=at, workflow=workflow, provider="openai", cost=Decimal(1))
    return msgspec.structs.replace(read_usage(sent, sender, at), kind=kind)


async def feeds(database, now=MONDAY):
    async with database.reading() as ledger:
        found = await ledger.freshness.feeds(["search-ranking", "other"], now)
    return {
        key: [(one.source, one.lane, one.account) for one in each] for key, each in found.items()
    }


async def test_each_workflow_knows_its_own_sources_and_the_bill_of_their_account(ledgers):
    charge = Charge("c-1", "openai", TODAY - DAY, TODAY, Decimal(3), final=True)
    bill = Bill("bill/openai", Stretch(TODAY - DAY, TODAY), (charge,), TODAY)
    async with ledgers.ledger() as ledger:
        await ledger.usage.record([record("search-ranking"), record("", id="call-2")], MONDAY)
        await ledger.usage.record([record("other", sender="notes", kind=Kind.MANUAL)], MONDAY)
        await ledger.sources.heard(bill, 1, MONDAY)
        await ledger.source_accounts.add({Reported("bill/openai", "openai", Kind.BILL)}, MONDAY)

    assert await feeds(ledgers) == {
        "search-ranking": [
            ("gateway", Lane.REALTIME, ""),
            ("bill/openai", Lane.BILLED, "openai"),
        ],
        "other": [("bill/openai", Lane.BILLED, "openai")],
    }


async def test_what_fed_it_long_ago_is_not_said_any_more(ledgers):
    async with ledgers.ledger() as ledger:
        await ledger.usage.record([record("search-ranking")], MONDAY)

    assert await feeds(ledgers, MONDAY + 15 * DAY) == {}


async def test_a_corrected_record_feeds_whom_it_belongs_to_now(ledgers):
    async with ledgers.ledger() as ledger:
        await ledger.usage.record([record("search-ranking")], MONDAY)
        await ledger.usage.record([record("other", MONDAY + DAY)], MONDAY + DAY)

    assert await feeds(ledgers, MONDAY + DAY) == {
        "search-ranking": [("gateway", Lane.REALTIME, "")],
        "other": [("gateway", Lane.REALTIME, "")],
    }


async def test_a_bill_that_stands_in_place_of_records_feeds_whom_it_is_shared_out_to(ledgers):
    charge = Charge("c-1", "openai", TODAY - DAY, TODAY, Decimal(3), final=True)
    bill = Bill("bill/openai", Stretch(TODAY - DAY, TODAY), (charge,), TODAY)
    booked = record("search-ranking", sender="reconciled/openai", kind=Kind.BILL)
    async with ledgers.ledger() as ledger:
        await ledger.sources.heard(bill, 1, MONDAY)
        await ledger.source_accounts.add({Reported("bill/openai", "openai", Kind.BILL)}, MONDAY)
        await ledger.usage.record([msgspec.structs.replace(booked, account="")], MONDAY)
    async with ledgers.reading() as ledger:
        sources = {one.name: one for one in await ledger.freshness.sources()}
        fed = await ledger.freshness.fed_by(sources["bill/openai"], MONDAY - DAY)

    assert await feeds(ledgers) == {"search-ranking": [("bill/openai", Lane.BILLED, "openai")]}
    assert fed == ("search-ranking",)


async def test_what_a_source_reported_is_said_under_the_account_it_has_now(ledgers):
    heard = {Reported("gateway", "openai", Kind.GATEWAY), Reported("ci", "openai", Kind.TELEMETRY)}
    async with ledgers.ledger() as ledger:
        await ledger.source_accounts.add(heard, MONDAY)
        before = {one.name: one for one in await ledger.freshness.sources()}
        own = SourceSetting("ci", account="openai-ci")
        await ledger.organisation.save(an_organisation(sources=(own,)))
        between = {one.name: one for one in await ledger.freshness.sources()}
        await ledger.organisation.save(an_organisation())
        after = {one.name: one for one in await ledger.freshness.sources()}

    assert before["ci"].outranked == (("openai", "gateway"),)
    assert (between["ci"].accounts, between["ci"].outranked) == (("openai-ci",), ())
    assert after == before


@pytest.mark.parametrize("kind", [Kind.FILE, Kind.API])
async def test_what_was_imported_is_a_file_also_where_it_was_kept_as_sent(ledgers, kind):
    """Files were kept as what an API key sends."""
    one = msgspec.structs.replace(record("", sender=IMPORT, kind=kind), source="csv")
    async with ledgers.ledger() as ledger:
        await ledger.usage.record([one, record("", sender="ci")], MONDAY)
        sources = {one.name: one.kind for one in await ledger.freshness.sources()}
        gaps = await ledger.traces.nobodys_sources(MONDAY - DAY, MONDAY + DAY, 9)

    assert sources == {"csv": Kind.FILE, "ci": Kind.API}
    assert {one.name: one.by_key for one in gaps} == {"csv": False, "ci": True}


async def test_an_account_in_the_contract_renames_no_bill(ledgers):
    async with ledgers.ledger() as ledger:
        await ledger.source_accounts.add({Reported("bill/openai", "openai", Kind.BILL)}, MONDAY)
        setting = SourceSetting("bill/openai", account="elsewhere")
        await ledger.organisation.save(an_organisation(sources=(setting,)))

        (source,) = await ledger.freshness.sources()

    assert source.accounts == ("openai",)
