"""What is said of sources, also of those with names that mean harm or say nothing."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from bot.cards import sources, troubles
from bot.freshness import Ailing, Ailment
from bot.pulls import Pull
from bot.source_words import facts
from bot.sources import Kind, Lane
from playground.blockkit import problems
from tests.builders import MONDAY, a_source, a_workflow

HOSTILE = ["gateway", "N" * 300, "<!channel> <@U0EVIL>", "*b* `c` :tada:", "\u202eשלום", "a\x00b"]
PULL = Pull("gateway", MONDAY, MONDAY, failures=7, failed_at=MONDAY, error="<!here> " + "x" * 900)


def listed(known, *, whole=True, start=0):
    return sources.sources(known, "UTC", MONDAY + timedelta(hours=3), start=start, whole=whole)


def shapes(name):
    for kind, lane in product(Kind, Lane):
        yield a_source(name=name, kind=kind, lane=lane, accounts=(name,) * 9)
    yield a_source(name=name, pull=PULL, told=MONDAY, outranked=((name, name),))
    yield replace(a_source(name=name), through=None, received=None, records=0, unpriced=0)


@pytest.mark.parametrize("name", HOSTILE)
def test_slack_takes_every_card_and_nobody_is_called(name):
    known = list(shapes(name))
    fed = [a_workflow(name=name, key=f"w-{n}") for n in range(30)]
    cards = [listed(known, whole=whole, start=start) for whole in (True, False) for start in (0, 9)]
    cards += [listed([], whole=True), listed([], whole=False)]
    for source, ailment in product(known, Ailment):
        cards.append(troubles.trouble(Ailing(source, ailment, MONDAY), fed, "UTC", MONDAY))
        cards.append(troubles.over(source, "UTC", MONDAY))

    for card in cards:
        blocks = list(card.blocks)
        assert problems({"text": card.text, "blocks": blocks}, "message") == []
        assert card.text
        assert "<!channel>" not in card.text + str(blocks)
        assert "<!here>" not in card.text + str(blocks)


def test_an_entry_says_how_a_source_stands():
    text = listed([a_source(pull=PULL)]).text

    assert "*gateway* · gateway · realtime estimate · Anthropic" in text
    assert "3 hours behind · 1,204 records, 3 % without a known price" in text
    assert "⚠ failing, 7 times in a row: &lt;!here&gt; xxx" in text


def test_what_a_person_books_is_called_no_realtime_estimate():
    by_hand = a_source(name="adjustments", kind=Kind.MANUAL, accounts=())

    assert "· by hand\n" in listed([by_hand]).text
    assert "through" not in listed([by_hand]).text
    assert "; realtime estimate" not in facts(by_hand, MONDAY)


def test_the_first_error_is_shown_with_its_time():
    pull = replace(PULL, failures=1, error="It refused the key.")

    assert (
        "⚠ failing, once: It refused the key. Last tried <!date^"
        in listed([a_source(pull=pull)]).text
    )
    assert "failing" not in listed([a_source(pull=pull)], whole=False).text


def test_an_error_is_cut_between_words():
    address = "/organizations/" + "search" * 10
    pull = replace(PULL, error=f"{'word ' * 50}{address}")

    text = listed([a_source(pull=pull)]).text

    assert "word… Last tried" in text


def test_one_is_one_and_each_vendor_is_named_once():
    one = a_source(lane=Lane.BILLED, records=1, unpriced=0, accounts=("openai", "cursor", "openai"))

    text = listed([one]).text

    assert "· billed · OpenAI, Cursor\n" in text
    assert text.endswith("· 1 line")


@pytest.mark.parametrize("kind", [Kind.FILE, Kind.EXPORT, Kind.MANUAL])
def test_what_is_brought_by_hand_is_not_waited_for(kind):
    assert "behind" not in listed([a_source(kind=kind)]).text


@pytest.mark.parametrize("kind", [Kind.FILE, Kind.EXPORT])
def test_a_file_says_how_far_it_tells_and_when_it_was_imported(kind):
    source = a_source(kind=kind, through=MONDAY - timedelta(days=3), received=MONDAY)

    assert "through <!date^1795165200^" in listed([source]).text
    assert " · imported <!date^1795424400^" in listed([source]).text
    assert "; told through 2026-11-20 09:00 UTC; imported 2026-11-23 09:00 UTC; " in facts(
        source, MONDAY
    )


def test_a_bill_is_told_through_a_day_of_its_own_calendar():
    """In Denver its midnight is the evening before."""
    bill = a_source(name="bill/openai", kind=Kind.BILL, lane=Lane.BILLED)
    midnight = replace(bill, through=MONDAY.replace(hour=0))

    card = sources.sources([midnight], "America/Denver", MONDAY, start=0, whole=True)
    late = Ailing(midnight, Ailment.LATE, MONDAY.replace(hour=0))

    assert "through 22 Nov (UTC) · " in card.text
    assert "after 22 Nov (UTC)." in troubles.trouble(late, [], "America/Denver", MONDAY).text
    assert "through <!date^" in listed([bill]).text


def test_a_terminal_says_the_same_day_of_a_bill_as_a_card():
    midnight = MONDAY.replace(hour=0)
    export = a_source(kind=Kind.EXPORT, lane=Lane.BILLED, through=midnight)
    file = a_source(kind=Kind.FILE, through=midnight)

    assert "; told through 2026-11-22 (UTC); " in facts(export, MONDAY)
    assert "; told through 2026-11-23 00:00 UTC; " in facts(file, MONDAY)


def test_what_was_told_of_a_file_before_is_taken_back():
    file = a_source(kind=Kind.FILE, told=MONDAY)

    assert "brought by hand, so nobody waits for it" in troubles.over(file, "UTC", MONDAY).text


def test_errors_are_for_admins_and_finance():
    assert "7 times" not in listed([a_source(pull=PULL)], whole=False).text


def test_a_source_that_counts_nowhere_says_for_whom_and_what_to_set():
    text = listed([a_source(name="claude", outranked=(("anthropic", "litellm"),))]).text

    assert "information only: litellm counts for anthropic" in text
    assert "contract file (“sources:”)" in text
