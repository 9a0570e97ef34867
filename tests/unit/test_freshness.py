from datetime import timedelta

import pytest

from bot.cards.freshness import freshness
from bot.cards.kit import said
from bot.freshness import Ailment, Feed, together
from bot.sources import Lane
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
