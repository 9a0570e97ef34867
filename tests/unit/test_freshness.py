from datetime import timedelta

import pytest

from bot.cards.freshness import freshness
from bot.cards.kit import said
from bot.freshness import FED_LATELY, Ailment, Feed, feeds_of_all, together
from bot.pulls import Pull
from bot.sources import Kind, Lane
from tests.builders import MONDAY, a_source

HOUR = timedelta(hours=1)


def live(name, hours=0, trouble=None):
    return Feed(name, Lane.REALTIME, MONDAY - hours * HOUR, trouble)


def billed(account, trouble=None):
    through = MONDAY.replace(hour=0) - 2 * 24 * HOUR
    return Feed(f"bill/{account}", Lane.BILLED, through, trouble, account)


def line(*feeds, newest=None):
    return freshness(together(feeds), "UTC", newest, at=said)


def test_each_source_has_its_own_mark():
    assert line(live("gateway"), live("agents/codex", 3)) == (
        "Data through Mon 23 Nov 09:00 UTC (gateway), Mon 23 Nov 06:00 UTC (agents/codex)."
    )


def test_a_bill_is_said_apart_by_its_last_day():
    assert line(billed("openai"), live("gateway")) == (
        "Data through Mon 23 Nov 09:00 UTC (gateway). OpenAI billed through 20 Nov."
    )
    assert line(billed("acme<ai>")) == "acme&lt;ai&gt; billed through 20 Nov."


def test_one_that_is_not_well_stands_first_and_is_marked():
    assert line(live("gateway"), live("ci", 9, Ailment.SILENT)) == (
        "Data through Mon 23 Nov 00:00 UTC (ci, ⚠ silent), Mon 23 Nov 09:00 UTC (gateway)."
    )
    assert line(billed("openai", Ailment.FAILING)) == "OpenAI billed through 20 Nov, ⚠ failing."


def test_many_are_counted():
    feeds = [live(f"gateway-{n}") for n in range(9)] + [billed(f"vendor-{n}") for n in range(5)]

    shown = line(*feeds)

    assert ", 5 more. " in shown
    assert shown.endswith(", 2 more.")
    assert len(shown) < 400


def test_where_no_source_is_known_the_figure_speaks_for_itself():
    assert line(newest=MONDAY) == "Data through Mon 23 Nov 09:00 UTC."
    assert line() == ""


def test_nobody_can_be_called_by_the_name_of_a_source():
    assert "<!" not in line(live("<!channel>"))


@pytest.mark.parametrize(
    ("source", "openai", "anywhere"),
    [
        pytest.param(a_source(accounts=("openai",)), True, True, id="nobody sees it better"),
        pytest.param(a_source(accounts=()), True, True, id="not heard yet"),
        pytest.param(
            a_source(accounts=("openai",), outranked=(("openai", "ci"),)),
            False,
            False,
            id="another counts",
        ),
        pytest.param(
            a_source(accounts=("openai", "cursor"), outranked=(("openai", "ci"),)),
            False,
            True,
            id="another counts for one of two accounts",
        ),
        pytest.param(
            a_source(accounts=("openai",), lane=Lane.INFORMATION), False, False, id="informs only"
        ),
    ],
)
def test_a_source_counts_account_by_account(source, openai, anywhere):
    assert source.counts_for("openai") is openai
    assert source.counts is anywhere


OPENAI = ("openai", "openai", "cursor")


@pytest.mark.parametrize(
    ("source", "whose"),
    [
        pytest.param(a_source(accounts=OPENAI), [""], id="realtime, once for all accounts"),
        pytest.param(
            a_source(accounts=OPENAI, lane=Lane.BILLED), ["cursor", "openai"], id="a bill of two"
        ),
        pytest.param(
            a_source(accounts=OPENAI, lane=Lane.BILLED, outranked=(("openai", "export"),)),
            ["cursor"],
            id="a bill that counts for one",
        ),
        pytest.param(a_source(lane=Lane.INFORMATION), [], id="informs only"),
        pytest.param(a_source(kind=Kind.MANUAL), [], id="by hand"),
        pytest.param(a_source(name="reconciled/openai"), [], id="the bot's own"),
        pytest.param(a_source(received=MONDAY - FED_LATELY), [""], id="heard just then"),
        pytest.param(a_source(received=MONDAY - FED_LATELY - HOUR), [], id="long not heard"),
        pytest.param(a_source(received=None), [], id="never heard"),
        pytest.param(
            a_source(received=None, accounts=(), pull=Pull("gateway", MONDAY)),
            [""],
            id="asked in vain",
        ),
    ],
)
def test_beside_what_is_no_workflows_stands_whoever_may_tell_of_it(source, whose):
    assert [one.account for one in feeds_of_all([source], MONDAY, MONDAY)] == whose


def test_beside_an_accounts_figure_stands_who_tells_of_that_account():
    gateway = a_source(accounts=("openai",))
    bill = a_source(name="bill/openai", accounts=("openai", "azure"), lane=Lane.BILLED)

    def told(account):
        return [
            (one.source, one.account)
            for one in feeds_of_all([gateway, bill], MONDAY, MONDAY, account)
        ]

    assert told("openai") == [("gateway", ""), ("bill/openai", "openai")]
    assert told("azure") == [("bill/openai", "azure")]
    assert told("cursor") == []
