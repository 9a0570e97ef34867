"""The `sources:` and `prices:` of a contract file."""

from decimal import Decimal

import pytest

from bot.contract import BadContract
from bot.plan import Registry, planned
from bot.prices import OwnPrice
from bot.sources import Lane, Signal, SourceSetting
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
"""
SOURCES = (
    SourceSetting("agents/codex", None, "azure.ai.openai", Signal.SPANS),
    SourceSetting("bill/claude-code", Lane.INFORMATION),
)
PRICES = (
    OwnPrice("gpt-5", Decimal("1.10"), Decimal("8.75"), "openai", Decimal("0.11")),
    OwnPrice("our-llama", Decimal("0.2"), Decimal("0.4")),
)


def test_sources_and_prices_are_read():
    said = read_contract(FILE).organisation

    assert said == {"sources": SOURCES, "prices": PRICES}


def test_what_is_written_reads_back_the_same():
    organisation = an_organisation(sources=SOURCES, prices=PRICES)
    registry = Registry(organisation, {}, {})

    again = read_contract(contract_text(registry))

    assert planned(again, registry, MONDAY).is_empty


def test_a_file_without_them_leaves_what_is_stored():
    registry = Registry(an_organisation(sources=SOURCES, prices=PRICES), {}, {})

    plan = planned(read_contract("version: 1\n"), registry, MONDAY)

    assert (plan.after.sources, plan.after.prices) == (SOURCES, PRICES)


def test_an_empty_list_takes_them_back():
    registry = Registry(an_organisation(sources=SOURCES, prices=PRICES), {}, {})

    plan = planned(read_contract("version: 1\nsources: []\nprices: []\n"), registry, MONDAY)

    assert (plan.after.sources, plan.after.prices) == ((), ())


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
            "sources: [{name: a, lane: billed}, {name: a, lane: billed}]",
            "line 2, column 36: sources.a: is there twice; first on line 2",
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
    ],
)
def test_what_is_wrong_is_said_with_its_place(section, says):
    with pytest.raises(BadContract) as bad:
        read_contract(f"version: 1\n{section}\n")

    assert [str(problem) for problem in bad.value.problems] == [says]
