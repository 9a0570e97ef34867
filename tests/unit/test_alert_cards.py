import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.alerts import AlertedPeriod
from bot.cards import cap_notices
from bot.cards.alerts import Report, for_channel, for_owner
from bot.cards.cap_notices import (
    Ended,
    Stopped,
    Turned,
    override_ended,
    reset,
    spent_although_stopped,
)
from bot.falls import Fall
from bot.freshness import Feed
from bot.periods import CapKind
from bot.sources import Lane
from bot.tiers import Tier
from bot.workflows import Enforcement, Status
from playground.blockkit import problems
from tests.builders import MONDAY, OWEN, a_watch, a_workflow, an_override

BERLIN = "Europe/Berlin"
WEDNESDAY = MONDAY + timedelta(days=2)
FEEDS = (
    Feed("gateway", Lane.REALTIME, MONDAY),
    Feed("bill/openai", Lane.BILLED, MONDAY - timedelta(days=2, hours=9), account="openai"),
)
TOLD = "Data through Mon 23 Nov 10:00 CET (gateway). OpenAI billed through 20 Nov."
USUAL = a_watch(
    spent=Decimal(230),
    assumed=Decimal(12),
    unmetered=3,
    records=40,
    last_at=WEDNESDAY - timedelta(minutes=55),
)
HOSTILE = [
    pytest.param("x" * 300, id="300 characters"),
    pytest.param("<!channel> <@U0MIA> <https://evil.example|Approve>", id="mentions"),
    pytest.param("*bold* _it_ ~no~ `code` :fire: & <b>", id="formatting"),
    pytest.param("🔥" * 300, id="emoji"),
    pytest.param("\u202eright to left", id="right to left"),
    pytest.param("", id="empty"),
    pytest.param("a\x00b\n> quoted\n• list", id="NUL and lines"),
    pytest.param("&" * 300, id="all escaped"),
]


def a_report(*watches, model=("gpt-5", Decimal(115)), **named):
    workflow = a_workflow(**named)
    return Report(workflow, watches or (USUAL,), BERLIN, WEDNESDAY, model, Tier.STANDARD)


def words(card):
    """What is read, with dates as the team's zone has them."""
    return plain(card.text)


def plain(text):
    return re.sub(r"<!date\^[^|]*\|([^>]*)>", r"\1", text)


@pytest.mark.parametrize(
    "sentence",
    [
        pytest.param("has used 92 % of its weekly cap ($230.00 of $250.00)", id="how much"),
        pytest.param("$20.00 left, 4 days to go", id="what is left"),
        pytest.param("Pace $95.17 a day", id="pace"),
        pytest.param("it hits the cap by Wed 25 Nov 15:02 CET", id="when it is hit"),
        pytest.param("It starts again Mon 30 Nov 00:00 CET", id="reset"),
        pytest.param("Most of it: gpt-5 (standard), $115.00 (50 % of the week)", id="top model"),
        pytest.param("Data through Wed 25 Nov 09:05 CET", id="freshness"),
        pytest.param("Of which $12.00 assumed", id="assumed"),
        pytest.param("3 calls without a figure on top", id="unmetered"),
        pytest.param("nothing is cut off", id="what the bot does not do"),
        pytest.param("/budget request search-ranking", id="how to ask for more"),
    ],
)
def test_an_alert_says_all_there_is_to_know(sentence):
    assert sentence in words(for_channel(a_report()))


def test_a_model_of_no_known_tier_is_said_to_be_so():
    card = for_channel(replace(a_report(), tier=None))

    assert "Most of it: gpt-5 (no known tier), $115.00" in words(card)


def test_every_instant_is_shown_in_the_readers_own_time():
    assert len(re.findall(r"<!date\^\d+\^", for_channel(a_report()).text)) == 3


def test_its_button_asks_for_more_of_the_most_urgent_cap():
    *_, row = for_channel(a_report()).blocks

    button = row["elements"][0]
    assert (button["action_id"], button["value"]) == ("request.open", "search-ranking|weekly|25")


def test_the_channel_sees_one_name_once():
    card = for_channel(a_report())

    assert re.findall(r"<@\w+>", card.text) == [f"<@{OWEN}>"]
    assert str(card.blocks).count(f"<@{OWEN}>") == 1


def test_the_owner_reads_the_same_and_that_it_is_theirs():
    assert "You own it." in for_owner(a_report()).text
    assert "<@" not in for_owner(a_report()).text


def test_without_an_owner_it_says_so():
    assert "Nobody owns it yet." in for_channel(a_report(owner=None)).text


@pytest.mark.parametrize(
    ("spent", "sentence"),
    [
        pytest.param("250", "is at its weekly cap ($250.00 of $250.00, 100 %)", id="at the cap"),
        pytest.param("312", "is over its weekly cap ($312.00 of $250.00, 124 %)", id="over it"),
        pytest.param("249.99", "has used 99 % of its weekly cap", id="a cent below"),
    ],
)
def test_the_headline_says_when_the_cap_is_used_up(spent, sentence):
    assert sentence in for_channel(a_report(a_watch(spent=Decimal(spent)))).text


def test_a_used_up_cap_has_no_date_to_come():
    card = for_channel(a_report(a_watch(spent=Decimal(312))))

    assert "$62.00 over, 4 days to go" in card.text
    assert "The cap is used up already." in card.text


def test_two_caps_are_named_in_one_sentence():
    month = a_watch(kind=CapKind.MONTHLY, cap=Decimal(900), spent=Decimal(690))

    text = for_channel(a_report(a_watch(spent=Decimal(260)), month)).text

    assert "is over its weekly cap ($260.00 of $250.00, 104 %) and has used 76 % of its" in text


def test_a_day_is_paced_by_the_hour():
    day = a_watch(kind=CapKind.DAILY, cap=Decimal(50), spent=Decimal(40))

    text = for_channel(replace(a_report(day), now=MONDAY)).text

    assert "$10.00 left, 14 hours to go" in text
    assert "Pace $4.00 an hour" in text


def test_early_in_a_period_there_is_no_pace():
    early = replace(a_report(), now=USUAL.cap.period.start + timedelta(hours=1))

    assert "Too early for a pace." in for_channel(early).text


def test_a_total_cap_neither_starts_again_nor_counts_days():
    life = a_watch(kind=CapKind.TOTAL, cap=Decimal(5000), spent=Decimal(4000))

    text = for_channel(a_report(life)).text

    assert "*Total cap*: $1,000.00 left.\n" in text
    assert "A total cap does not start again." in text


def test_overrides_in_force_are_part_of_the_cap():
    one = replace(USUAL, cap=replace(USUAL.cap, overrides=(an_override(),)))
    two = replace(USUAL, cap=replace(USUAL.cap, overrides=(an_override(), an_override(id="o-2"))))

    assert "includes +$100.00 until Mon 30 Nov 00:00 CET" in words(for_channel(a_report(one)))
    assert "+$200.00 from 2 overrides, the last until" in words(for_channel(a_report(two)))


@pytest.mark.parametrize("enforcement", [Enforcement.DOWNGRADE, Enforcement.BLOCK])
def test_it_does_not_promise_what_it_cannot_enforce(enforcement):
    text = for_channel(a_report(enforcement=enforcement)).text

    assert f"the contract says {enforcement} at 100 %, but this version stops no calls" in text


def test_a_corrected_bill_is_said_on_the_message():
    corrected = a_watch(spent=Decimal(180), said={75, 90})

    report = replace(a_report(corrected), fall=Fall.BILL_TAKEN_AWAY)

    assert "It was past 90 %; a bill was taken away, now 72 %." in for_channel(report).text


def test_a_period_that_ended_since_stays_on_the_message():
    period = a_watch().cap.period
    closed = AlertedPeriod("w", period, "k", "c", Decimal(200), Decimal(250), MONDAY)

    text = for_channel(replace(a_report(), closed=(closed,))).text

    assert "*Weekly cap*: that week is over, $200.00 of $250.00 (80 %) used." in text


def test_an_alert_that_is_over_says_how_far_the_data_of_its_figure_goes():
    period = a_watch().cap.period
    closed = AlertedPeriod("w", period, "k", "c", Decimal(200), Decimal(250), MONDAY, WEDNESDAY)
    over = replace(a_report(), caps=(), closed=(closed,))

    card = for_channel(replace(over, feeds=FEEDS))

    assert words(card).count(TOLD) == 1
    assert card.blocks[-2]["type"] == "context"
    assert "Data through Wed 25 Nov 10:00 CET." in words(for_channel(over))
    assert problems({"text": card.text, "blocks": list(card.blocks)}, "message") == []


def test_a_message_whose_caps_are_gone_can_still_be_written():
    card = for_channel(replace(a_report(), caps=(), model=None))

    assert "is inside its caps" in card.text
    assert problems({"text": card.text, "blocks": list(card.blocks)}, "message") == []


# Caps that change


@pytest.mark.parametrize(
    ("watch", "sentence"),
    [
        pytest.param(
            a_watch(cap=Decimal(350), spent=Decimal(312)),
            "The weekly cap is now $350.00; $312.00 (89 %) is spent, past its 75 % mark.",
            id="raised",
        ),
        pytest.param(
            a_watch(cap=Decimal(200), spent=Decimal(312)),
            "The weekly cap is now $200.00; $312.00 (156 %) is spent: $112.00 over, "
            "past its 100 % mark.",
            id="lowered below what is spent",
        ),
        pytest.param(
            a_watch(spent=Decimal(10)),
            "The weekly cap is now $250.00; $10.00 (4 %) is spent.",
            id="calm",
        ),
    ],
)
def test_a_changed_cap_carries_the_highest_threshold_reached(watch, sentence):
    assert cap_notices.told([watch], (), BERLIN, begins=False) == (sentence,)


@pytest.mark.parametrize(
    ("spent", "sentence"),
    [
        (155, "Already 62 % of the weekly cap is spent: $155.00 of $250.00."),
        (0, "Nothing of the weekly cap of $250.00 is spent yet."),
    ],
)
def test_activation_says_what_is_spent_already(spent, sentence):
    watch = a_watch(spent=Decimal(spent))

    assert cap_notices.told([watch], (), BERLIN, begins=True) == (sentence,)


def test_how_far_the_data_goes_is_said_once_with_the_last_of_the_caps():
    caps = [a_watch(), a_watch(kind=CapKind.MONTHLY)]

    first, last = cap_notices.told(caps, FEEDS, BERLIN, begins=False)

    assert "Data through" not in first
    assert plain(last) == f"The monthly cap is now $250.00; $0.00 (0 %) is spent. {TOLD}"


def test_where_no_cap_changed_nothing_is_said_of_the_data():
    assert cap_notices.told([], FEEDS, BERLIN, begins=True) == ()


def test_without_a_known_source_the_newest_record_says_how_far_the_data_goes():
    [sentence] = cap_notices.told([USUAL], (), BERLIN, begins=False)

    assert plain(sentence).endswith(" Data through Wed 25 Nov 09:05 CET.")


def ended(*caps, **named):
    return Ended(a_workflow(**named), (an_override(),), caps, BERLIN, FEEDS)


def test_the_end_of_an_override_is_the_alert_at_the_old_cap():
    fallen = a_watch(cap=Decimal(100), spent=Decimal(130))

    text = words(override_ended(ended(fallen), mention_owner=True))

    assert "The override of +$100.00 on the weekly cap of *Search ranking* ended Mon 30 Nov" in text
    assert "The weekly cap is $100.00 again; $130.00 of $100.00 (130 %) is spent this week" in text
    assert f"Owner: <@{OWEN}>." in text
    assert text.count(TOLD) == 1
    assert "nothing is cut off" in text


def test_the_end_of_an_override_that_was_not_needed_calls_nobody():
    card = override_ended(ended(a_watch(spent=Decimal(20))), mention_owner=True)

    assert "<@" not in card.text
    assert len(card.blocks) == 1


def test_the_end_of_an_override_of_a_paused_workflow_says_that_it_is_paused():
    card = override_ended(ended(status=Status.PAUSED), mention_owner=True)

    assert "The workflow is paused; it has nothing to spend." in card.text
    assert "Data through" not in card.text


def test_a_reset_says_the_new_end_and_how_the_last_one_closed():
    watch = a_watch()
    closed = AlertedPeriod("w", watch.cap.period, "k", "c", Decimal(312), Decimal(250), MONDAY)

    text = words(reset(Turned(a_workflow(), (closed,), (watch,), BERLIN, FEEDS)))

    assert "The weekly cap is $250.00 until Mon 30 Nov 00:00 CET" in text
    assert f"the last week closed at $312.00 of $250.00 (124 %). {TOLD}" in text


def test_a_reset_knows_from_the_closed_period_how_far_the_data_goes():
    watch = a_watch()
    closed = AlertedPeriod(
        "w", watch.cap.period, "k", "c", Decimal(312), Decimal(250), MONDAY, WEDNESDAY
    )

    text = words(reset(Turned(a_workflow(), (closed,), (watch,), BERLIN)))

    assert text.endswith(" Data through Wed 25 Nov 10:00 CET.")


def test_spend_of_a_paused_workflow_names_the_amount_and_since_when():
    paused = a_workflow(status=Status.PAUSED)
    stopped = Stopped(paused, MONDAY, Decimal("12.5"), WEDNESDAY, BERLIN, FEEDS)

    text = words(spent_although_stopped(stopped, for_owner=False))

    assert "is paused, but $12.50 was spent since Mon 23 Nov 10:00 CET" in text
    assert text.endswith(TOLD)


# Whatever people call things, Slack takes the message


def every_card(name, model):
    workflow = a_workflow(name=name, status=Status.PAUSED)
    overrides = tuple(an_override(id=f"o-{number}") for number in range(30))
    watch = replace(USUAL, cap=replace(USUAL.cap, overrides=overrides), said=frozenset({100}))
    watches = tuple(replace(watch, cap=replace(watch.cap, kind=kind)) for kind in CapKind)
    report = a_report(*watches, model=(model, Decimal(5)), name=name)
    closed = tuple(
        AlertedPeriod("w", one.cap.period, "k", "c", Decimal(1), Decimal(2), MONDAY)
        for one in watches
    )
    feeds = tuple(Feed(f"{name}{n}", Lane.REALTIME, MONDAY) for n in range(9))
    return [
        for_channel(replace(report, closed=closed)),
        for_owner(report),
        override_ended(
            Ended(a_workflow(name=name), overrides, watches, BERLIN, feeds), mention_owner=True
        ),
        reset(Turned(workflow, closed, watches, BERLIN, feeds)),
        spent_although_stopped(
            Stopped(workflow, MONDAY, Decimal(0), MONDAY, BERLIN, feeds), for_owner=False
        ),
    ]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_inside_slacks_limits_and_say_nothing_of_their_own(name):
    for card in every_card(name, name):
        assert problems({"text": card.text, "blocks": list(card.blocks)}, "message") == []
        assert len(card.text) <= 3_000
        assert "<!channel>" not in card.text + str(card.blocks)
        assert "<@U0MIA>" not in card.text + str(card.blocks)
        assert "<https" not in card.text + str(card.blocks)
