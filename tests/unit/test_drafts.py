from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.askable import LENGTHS
from bot.cards import drafts as cards
from bot.cards.drafts import Drafting
from bot.drafts import Cause, Draft, DraftState, missing, rounded_up, settled
from bot.freshness import Feed
from bot.periods import CapKind
from bot.requests import Until
from bot.sources import Lane
from tests.builders import MONDAY, OWEN, a_watch, a_workflow
from tests.registry import holds
from tests.unit.test_outlooks import a_forecast

HOSTILE = "<!channel> *bold* _x_ :boom: \u202egnp.exe\x00\n" + "N" * 300
FEEDS = (
    Feed("R&D gateway", Lane.REALTIME, MONDAY),
    Feed("bill/openai", Lane.BILLED, MONDAY - timedelta(days=2, hours=9), account="openai"),
)


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [("0.01", 1), ("1", 1), ("25", 25), ("61.20", 62), ("100.01", 110), ("1316", 1400)],
)
def test_an_amount_is_rounded_up_to_two_figures(amount, rounded):
    assert rounded_up(Decimal(amount)) == Decimal(rounded)


@given(st.decimals("0.01", "999999999", places=9))
def test_rounding_up_never_falls_short_and_never_adds_more_than_a_tenth_and_a_dollar(amount):
    rounded = rounded_up(amount)

    assert amount <= rounded < amount * Decimal("1.1") + 1


@pytest.mark.parametrize(
    ("spent", "ahead", "soft", "amount"),
    [
        pytest.param(230, None, 90, 25, id="without a forecast, from the soft limit to the cap"),
        pytest.param(230, a_forecast(), 90, 60, id="what the forecast expects above the cap"),
        pytest.param(230, a_forecast(expected=Decimal(240)), 90, 25, id="a forecast below the cap"),
        pytest.param(290, None, 90, 65, id="over the cap, what is overspent too"),
        pytest.param(260, None, 100, 35, id="with no room above the soft limit, a tenth"),
    ],
)
def test_a_draft_asks_for_what_is_missing(spent, ahead, soft, amount):
    cap = a_watch(spent=Decimal(spent))

    assert missing(a_workflow(soft_limit=soft), cap, ahead) == Decimal(amount)


def a_draft_of(cap, **named):
    plain = Draft(
        id="d-1",
        workflow="search-ranking",
        period=cap.cap.period,
        amount=Decimal(60),
        until=Until.PERIOD,
        reason="r",
        cause=Cause.FORECAST,
        addressed_to=OWEN,
        drafted_at=MONDAY,
    )
    return replace(plain, **named)


def about(cap, **named):
    plain = Drafting(
        a_workflow(name=HOSTILE), cap, Cause.FORECAST, a_forecast(), "Europe/Berlin", MONDAY
    )
    return replace(plain, **named)


@pytest.mark.parametrize("kind", CapKind)
@pytest.mark.parametrize("cause", Cause)
@pytest.mark.parametrize("forecast", [None, a_forecast()])
def test_its_message_holds_whatever_the_workflow_is_called(kind, cause, forecast):
    cap = a_watch(kind=kind, spent=Decimal(230))

    card = holds(cards.drafted(a_draft_of(cap), about(cap, cause=cause, forecast=forecast)))

    assert "<!channel>" not in card.text
    assert "Nothing is asked until you send it." in card.text


@pytest.mark.parametrize("state", [DraftState.SENT, DraftState.DISMISSED, DraftState.LAPSED])
def test_a_settled_draft_says_how_and_by_whom_and_has_no_buttons(state):
    cap = a_watch(spent=Decimal(230))
    by = None if state is DraftState.LAPSED else OWEN

    card = holds(
        cards.settled(settled(a_draft_of(cap), state, by, MONDAY), a_workflow(), "Europe/Berlin")
    )

    assert (f"<@{OWEN}>" in card.text) is (by is not None)
    assert all(block["type"] != "actions" for block in card.blocks)


def test_the_reason_is_plain_text_from_the_figures():
    cap = a_watch(spent=Decimal(230))

    assert cards.reason(about(cap)) == (
        "By Mon 23 Nov 10:00 CET, $230.00 of the weekly $250.00 is spent (92 %). "
        "Forecast $310 by Mon 30 Nov 00:00 CET ($280 to $350, fairly sure)."
    )


@pytest.mark.parametrize("forecast", [None, a_forecast()])
def test_the_reason_says_how_far_its_figure_goes_in_plain_text(forecast):
    cap = a_watch(spent=Decimal(230))

    assert cards.reason(about(cap, forecast=forecast, feeds=FEEDS)).endswith(
        ". Data through Mon 23 Nov 10:00 CET (R&D gateway). OpenAI billed through 20 Nov."
    )


def test_the_longest_reason_fits_the_form():
    feeds = tuple(Feed(f"{HOSTILE}{n}", Lane.REALTIME, MONDAY) for n in range(9))

    said = cards.reason(about(a_watch(spent=Decimal(230)), feeds=feeds))

    assert "5 more" in said
    assert len(said) <= LENGTHS["reason"]


@pytest.mark.parametrize("cause", Cause)
def test_its_message_says_once_how_far_the_figure_goes(cause):
    cap = a_watch(spent=Decimal(230))

    card = holds(cards.drafted(a_draft_of(cap), about(cap, cause=cause, feeds=FEEDS)))

    for said in (card.text, str(card.blocks)):
        assert said.count("Data through <!date^") == 1
        assert said.count("(R&amp;D gateway). OpenAI billed through 20 Nov.") == 1


def test_without_a_known_source_the_newest_record_says_it():
    cap = a_watch(spent=Decimal(230), last_at=MONDAY)

    assert cards.reason(about(cap)).endswith(" Data through Mon 23 Nov 10:00 CET.")
