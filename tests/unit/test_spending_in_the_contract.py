"""The `sources:`, `prices:` and `tiers:` of a contract file."""

from decimal import Decimal

import pytest

from bot.cards.contract import plan_lines
from bot.contract import BadContract
from bot.plan import Registry, planned
from bot.prices import OwnPrice
from bot.sources import Lane, Signal, SourceSetting
from bot.tiers import Tier, TierRule
from handlers.files.contract import read_contract
from handlers.files.contract_text import contract_text
from tests.builders import MONDAY, an_organisation

FILE = """\
version: 1
sources:
  - {name: agents/codex, signal: spans, account: azure}
  - {name: bill/claude-code, lane: information}
prices:
  - {model: gpt-5, provider: openai, input: 1.10, output: 8.75, cache_read: 0.11}
  - {model: our-llama, input: 0.2, output: 0.4}
tiers:
  cheap: [claude-haiku-*, our-llama]
  premium: [claude-*]
"""
SOURCES = (
    SourceSetting("agents/codex", None, "azure.ai.openai", Signal.SPANS),
    SourceSetting("bill/claude-code", Lane.INFORMATION),
)
PRICES = (
    OwnPrice("gpt-5", Decimal("1.10"), Decimal("8.75"), "openai", Decimal("0.11")),
    OwnPrice("our-llama", Decimal("0.2"), Decimal("0.4")),
)
TIERS = (
    TierRule(Tier.CHEAP, "claude-haiku-*"),
    TierRule(Tier.CHEAP, "our-llama"),
    TierRule(Tier.PREMIUM, "claude-*"),
)


def test_sources_prices_and_tiers_are_read():
    said = read_contract(FILE).organisation

    assert said == {"sources": SOURCES, "prices": PRICES, "tiers": TIERS}


def test_what_is_written_reads_back_the_same():
    organisation = an_organisation(sources=SOURCES, prices=PRICES, tiers=TIERS)
    registry = Registry(organisation, {}, {})

    again = read_contract(contract_text(registry))

    assert planned(again, registry, MONDAY).is_empty


def test_a_file_without_them_leaves_what_is_stored():
    organisation = an_organisation(sources=SOURCES, prices=PRICES, tiers=TIERS)

    plan = planned(read_contract("version: 1\n"), Registry(organisation, {}, {}), MONDAY)

    assert plan.after == organisation


def test_an_empty_list_takes_them_back():
    organisation = an_organisation(sources=SOURCES, prices=PRICES, tiers=TIERS)
    empty = read_contract("version: 1\nsources: []\nprices: []\ntiers: {}\n")

    plan = planned(empty, Registry(organisation, {}, {}), MONDAY)

    assert plan.after == an_organisation()


def test_another_order_of_tiers_is_a_difference_that_is_shown():
    turned = read_contract(
        "version: 1\ntiers: {premium: [claude-*], cheap: [claude-haiku-*, our-llama]}\n"
    )

    plan = planned(turned, Registry(an_organisation(tiers=TIERS), {}, {}), MONDAY)

    (line,) = plan_lines(plan)
    assert (line.field, line.before, line.after) == (
        "tiers",
        "cheap claude-haiku-*, cheap our-llama, premium claude-*",
        "premium claude-*, cheap claude-haiku-*, cheap our-llama",
    )


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ("sources: [{lane: billed}]", "line 2, column 11: sources.1: name is missing"),
        (
            "sources: [{name: gate, lane: bill}]",
            "line 2, column 30: sources.1.lane: “bill” is none of realtime, billed, information",
        ),
        (
            "sources: [{name: adjustments, lane: information}]",
            "line 2, column 18: sources.1.name: is the bot's own book-keeping: it always counts",
        ),
        (
            "sources: [{name: a, lane: realtime}, {name: a, lane: realtime}]",
            "line 2, column 38: sources.a: is there twice; first on line 2",
        ),
        (
            "sources: [{name: gate, lane: billed}]",
            (
                "line 2, column 30: sources.1.lane: takes realtime or information here: what is "
                "sent call by call is no bill. Bills are a vendor's own (bill/openai) and FOCUS "
                "files"
            ),
        ),
        (
            "sources: [{name: bill/openai, lane: realtime}]",
            (
                "line 2, column 37: sources.1.lane: takes billed or information here: a bill is no "
                "realtime estimate"
            ),
        ),
        (
            "sources: [{name: bill/openai, account: azure}]",
            (
                "line 2, column 40: sources.1.account: is for what is sent call by call: each line "
                "of a bill names its own"
            ),
        ),
        (
            "sources: [{name: gate, signal: spans}]",
            (
                "line 2, column 32: sources.1.signal: is for what comes by OpenTelemetry, as "
                "gateway/claude-code (API key/client)"
            ),
        ),
        (
            "prices: [{model: gpt-5, output: 1}]",
            "line 2, column 10: prices.1: input is missing",
        ),
        (
            "prices: [{model: gpt-5, input: -1, output: 1}]",
            "line 2, column 32: prices.1.input: “-1” is no amount: write it like 250 or 250.50",
        ),
        (
            "prices: [{model: m, input: 1, output: 1}, {model: m, input: 2, output: 1}]",
            "line 2, column 43: prices.m: is there twice; first on line 2",
        ),
        (
            "tiers: {premium: [gpt-*], cheep: [nano]}",
            "line 2, column 27: tiers: “cheep” is no key here; did you mean cheap?",
        ),
        ("tiers: {premium: gpt-5}", "line 2, column 18: tiers.premium: takes a list"),
        (
            'tiers: {premium: [gpt-5, " "]}',
            "line 2, column 26: tiers.premium.2: takes 1 to 200 characters on one line",
        ),
        (
            "tiers: {premium: [gpt-5], cheap: [GPT-5]}",
            "line 2, column 35: tiers.gpt-5: is there twice; first on line 2",
        ),
        ("tiers: [premium]", "line 2, column 8: tiers: takes keys and values"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(section, says):
    with pytest.raises(BadContract) as bad:
        read_contract(f"version: 1\n{section}\n")

    assert [str(problem) for problem in bad.value.problems] == [says]
