from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.days import read_day
from bot.periods import CapKind
from bot.replies import (
    Assent,
    Chatter,
    Reply,
    Unclear,
    WhichPeriod,
    calls,
    read_replies,
    read_reply,
    sounds_meant,
)
from bot.review_decisions import Cap, Keep, Reroute, Retire
from bot.workflows import Tier

TODAY = date(2026, 11, 23)
RANKING, DOCS = "search-ranking", "search-docs"
CALLED = calls({RANKING: "Search ranking", DOCS: "Search docs", "search": "Search"})


def weekly(amount):
    return Cap(CapKind.WEEKLY, Decimal(amount))


def monthly(amount):
    return Cap(CapKind.MONTHLY, Decimal(amount))


LAST_OF_NOV = Retire(date(2026, 11, 30))

UNDERSTOOD = {
    "keep": Keep(),
    "Keep.": Keep(),
    "KEEP!!": Keep(),
    "  keep  ": Keep(),
    "*keep*": Keep(),
    "`keep`": Keep(),
    "- keep": Keep(),
    "2. keep": Keep(),
    "keep it": Keep(),
    "keep as is, thanks": Keep(),
    "keep it for now": Keep(),
    "ok, keep": Keep(),
    "please keep it": Keep(),
    ":white_check_mark: keep": Keep(),
    "keep ✅": Keep(),
    "<@U0BOT> keep": Keep(),
    "ｋｅｅｐ": Keep(),
    "cap 400 monthly": monthly(400),
    "Cap 400 Monthly": monthly(400),
    "CAP $400 MONTHLY.": monthly(400),
    "cap $400/month": monthly(400),
    "cap 400 per month": monthly(400),
    "cap 400 a month": monthly(400),
    "cap USD 400 monthly": monthly(400),
    "cap 400 USD monthly": monthly(400),
    "cap 400$ monthly": monthly(400),
    "cap at 400 monthly please": monthly(400),
    "cap to $1,200.50 per month": monthly("1200.50"),
    "cap 1 200 monthly": monthly(1200),
    "cap 1'200 monthly": monthly(1200),
    "cap monthly 400": monthly(400),
    "cap monthly to $400": monthly(400),
    "cap it at 80 weekly": weekly(80),
    "cap 80/week": weekly(80),
    "cap 80 / week": weekly(80),
    "cap 80/wk": weekly(80),
    "cap .50 daily": Cap(CapKind.DAILY, Decimal("0.50")),
    "cap 5 per day": Cap(CapKind.DAILY, Decimal(5)),
    "cap 5000 in total": Cap(CapKind.TOTAL, Decimal(5000)),
    "cap: 400 monthly": monthly(400),
    "reroute cheap": Reroute(Tier.CHEAP),
    "Reroute to cheap": Reroute(Tier.CHEAP),
    "re-route to the Premium tier": Reroute(Tier.PREMIUM),
    "reroute standard, thanks!": Reroute(Tier.STANDARD),
    "retire 30 Nov": LAST_OF_NOV,
    "Retire on 30 November": LAST_OF_NOV,
    "retire Nov 30": LAST_OF_NOV,
    "retire November 30th, 2026": LAST_OF_NOV,
    "retire on 2026-11-30": LAST_OF_NOV,
    "retire 30.11.": LAST_OF_NOV,
    "retire 30.11.2026": LAST_OF_NOV,
    "retire today": Retire(TODAY),
    "retire now": Retire(TODAY),
    "retire yesterday": Retire(TODAY - timedelta(days=1)),
    "retire tomorrow": Retire(TODAY + timedelta(days=1)),
    "retire on friday": Retire(date(2026, 11, 27)),
    "retire 22 Nov": Retire(date(2026, 11, 22)),
    "retire 1 Oct": Retire(date(2026, 10, 1)),
    "retire 27 Sep": Retire(date(2027, 9, 27)),
    "retire 23 Nov": Retire(TODAY),
    "retire 29 Feb": Retire(date(2028, 2, 29)),
    "retire 1 Jan 2020": Retire(date(2020, 1, 1)),
}


@pytest.mark.parametrize("line", UNDERSTOOD)
def test_the_vocabulary_is_read(line):
    assert read_reply(line, CALLED, TODAY) == Reply(UNDERSTOOD[line])


NAMED = {
    "keep search-ranking": (Keep(), RANKING),
    "keep Search Ranking": (Keep(), RANKING),
    "keep for search-docs": (Keep(), DOCS),
    "search-ranking: keep": (Keep(), RANKING),
    "Search ranking: keep it": (Keep(), RANKING),
    "search-ranking keep": (Keep(), RANKING),
    "search-ranking - keep": (Keep(), RANKING),
    "`search-docs` – keep": (Keep(), DOCS),
    "keep search": (Keep(), "search"),
    "cap search-docs 400 monthly": (monthly(400), DOCS),
    "cap 400 monthly search-docs": (monthly(400), DOCS),
    "cap 400 monthly for search-docs": (monthly(400), DOCS),
    "cap 400 search-docs monthly": (monthly(400), DOCS),
    "search-docs: cap 80/week": (weekly(80), DOCS),
    "reroute search-docs to cheap": (Reroute(Tier.CHEAP), DOCS),
    "retire search-docs on 30 Nov": (LAST_OF_NOV, DOCS),
}


@pytest.mark.parametrize("line", NAMED)
def test_a_workflow_may_be_named_anywhere(line):
    decision, workflow = NAMED[line]

    assert read_reply(line, CALLED, TODAY) == Reply(decision, workflow)


@pytest.mark.parametrize(
    ("line", "workflow"),
    [("cap 400", None), ("cap $400.", None), ("cap 400 search-docs", DOCS), ("Cap to 400", None)],
)
def test_a_cap_without_a_period_is_asked_back(line, workflow):
    assert read_reply(line, CALLED, TODAY) == WhichPeriod(Decimal(400), workflow)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("kep", "Did you mean “keep”?"),
        ("kepe", "Did you mean “keep”?"),
        ("kep search-ranking", "Did you mean “keep search-ranking”?"),
        ("cpa 400 monthly", "Did you mean “cap 400 monthly”?"),
        ("retier 30 nov", "Did you mean “retire 30 nov”?"),
        ("rerout cheap", "Did you mean “reroute cheap”?"),
        ("cap lots", "an amount in US dollars"),
        ("cap", "an amount in US dollars"),
        ("cap 400k monthly", "an amount in US dollars"),
        ("cap 1.200,50 monthly", "an amount in US dollars"),
        ("cap -5 monthly", "more than zero"),
        ("cap -$5 weekly", "more than zero"),
        ("cap $-5 weekly", "more than zero"),
        ("cap 400 yearly", "an amount in US dollars"),
        ("cap €400 monthly", "Caps are in US dollars."),
        ("cap 400 EUR monthly", "Caps are in US dollars."),
        ("cap 400 monthly for nothing-known", "an amount in US dollars"),
        ("reroute", "cheap, standard and premium"),
        ("reroute to gpt-9", "cheap, standard and premium"),
        ("retire", "until which day"),
        ("retire soon", "until which day"),
        ("retire 31 Nov", "“31 nov” is no day of the calendar."),
        ("retire on 31 Feb", "“31 feb” is no day of the calendar."),
        ("keep, but why so much?", "Is that a “keep”?"),
        ("keep it, but only until Friday", "Is that a “keep”?"),
        ("search-ranking: keep but it costs too much", "Is that a “keep”?"),
        ("retire 11/12", "until which day"),
        ("search-docs: retire someday", "until which day"),
        ("keep nothing-known", "no such workflow"),
        ("keep seach-ranking now", "no such workflow"),
        ("foo: cap 12 euros", "Caps are in US dollars."),
    ],
)
def test_what_is_meant_but_not_understood_says_why(line, why):
    read = read_reply(line, CALLED, TODAY)

    assert isinstance(read, Unclear)
    assert why in read.why


@pytest.mark.parametrize(
    "line",
    [
        "",
        "thanks all",
        "I'll look tomorrow",
        "keep it up, team",
        "keep it up",
        "keep an eye on this one",
        "we should keep it",
        "cap is fine",
        "cap looks high to me, no?",
        "Can it wait?",
        "retire?",
        "should we keep search-ranking?",
        "Retire the old dashboards whenever you like",
        "help please",
        "400 monthly",
        "sleep now",
        "clap for Ana",
        "👍",
        ":+1:",
        "<@U0ANA> can you look?",
        "yes, on Friday with Ana",
        "recap 2026: 400 monthly reports",
        "keep " * 100,
    ],
)
def test_chatter_is_left_alone(line):
    assert read_reply(line, CALLED, TODAY) == Chatter()


@pytest.mark.parametrize("line", ["yes", "Yes!", "yes please", "Agreed.", "do it"])
def test_a_bare_yes_is_to_nothing_in_particular(line):
    assert read_reply(line, CALLED, TODAY) == Assent()
    assert sounds_meant(line)


def test_each_line_is_an_answer_of_its_own():
    text = "Here we go:\n\nsearch-ranking: keep\nsearch-docs: cap 80/week\nthanks"

    assert read_replies(text, CALLED, TODAY) == (
        Chatter(),
        Reply(Keep(), RANKING),
        Reply(weekly(80), DOCS),
        Chatter(),
    )


def test_a_name_that_two_share_calls_neither():
    called = calls({"a": "Twin", "b": "Twin"})

    assert isinstance(read_reply("keep twin", called, TODAY), Unclear)
    assert read_reply("keep a", called, TODAY) == Reply(Keep(), "a")


@pytest.mark.parametrize(
    ("key", "line", "decision"),
    [
        ("keep", "keep", Keep()),
        ("400", "cap 400 monthly", monthly(400)),
        ("cheap", "reroute cheap", Reroute(Tier.CHEAP)),
    ],
)
def test_a_workflow_called_like_a_word_of_the_vocabulary_changes_no_meaning(key, line, decision):
    assert read_reply(line, calls({key: key}), TODAY) == Reply(decision)


@pytest.mark.parametrize("line", [*UNDERSTOOD, *NAMED, "kep", "cap lots", "retier today"])
def test_what_is_meant_sounds_so_before_anybody_asks_the_database(line):
    assert sounds_meant(f"Hello\n{line}")


@pytest.mark.parametrize("line", ["thanks all", "I'll look tomorrow", "400 monthly", ""])
def test_most_chatter_does_not_even_sound_meant(line):
    assert not sounds_meant(line)


STRANGE = (
    "keep cap reroute retire kep 400 $1,2 . / week monthly cheap 30 nov 2026-13-99 :x: * <@U> "
    "search-ranking 99999999999999999999999999999999999999999 ' \u202e \x00 29 feb € ½ ²"
)
words = st.sampled_from(STRANGE.split(" "))


@given(st.one_of(st.text(), st.lists(words, max_size=8).map(" ".join)))
def test_no_text_is_too_strange(text):
    for read in read_replies(text, CALLED, TODAY):
        assert isinstance(read, Reply | WhichPeriod | Unclear | Assent | Chatter)
    sounds_meant(text)


@given(st.integers(1, 999_999_999), st.sampled_from(["{:,}", "${}", "{} USD", "us$ {:,}"]))
def test_any_whole_amount_is_read_as_written(amount, shape):
    assert read_reply(f"cap {shape.format(amount)} weekly", {}, TODAY) == Reply(weekly(amount))


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)), st.dates(date(2020, 1, 1), date(2090, 1, 1)))
def test_a_day_without_a_year_is_the_next_such_day_or_was_just_now(today, day):
    found = read_day(f"{day:%-d %b}", today)

    assert found is not None
    assert found >= today - timedelta(weeks=8)
    assert (found.month, found.day) == (day.month, day.day)
    assert (found - today).days <= (366 if (day.month, day.day) != (2, 29) else 366 * 8)
