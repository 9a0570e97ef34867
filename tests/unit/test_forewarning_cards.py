import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.anomalies import Burn, Spike
from bot.cards import forewarnings as cards
from bot.cards.drivers import Compared, what_changed
from bot.cards.forewarnings import Ahead
from bot.drivers import Mix, Used
from bot.forewarnings import Forewarning, Sort
from bot.outlooks import Finding, Outlook
from bot.periods import CapKind, period_of
from bot.workflows import Tier
from tests.builders import BERLIN, MONDAY, a_watch, a_workflow
from tests.registry import holds
from tests.unit.test_outlooks import a_forecast

HOSTILE = "<!channel> *bold* _x_ :boom: \u202egnp.exe\x00\n" + "N" * 300
WEEKLY = a_watch(spent=Decimal(155), last_at=MONDAY)
DAY = period_of(CapKind.DAILY, MONDAY, BERLIN)
BURN = Burn(Decimal(120), timedelta(hours=24), Decimal(250), timedelta(hours=50), Decimal("3.4"))
SPIKE = Spike(MONDAY, Decimal(83), Decimal(8), MONDAY)
BREACH = Finding(Sort.BREACH, WEEKLY.cap.period, Decimal(250), WEEKLY, a_forecast())
BURNS = Finding(Sort.BURN, WEEKLY.cap.period, Decimal(250), WEEKLY, burn=BURN)
SPIKES = Finding(Sort.SPIKE, DAY, Decimal(0), spike=SPIKE)


def ahead(*found, name="Search ranking", compared=None, **named):
    workflow = a_workflow(name=name, **named)
    outlook = Outlook(workflow, (WEEKLY,), {}, "Europe/Berlin", MONDAY)
    since = MONDAY - timedelta(hours=6)
    due = tuple(
        (Forewarning(workflow.key, one.sort, one.period, one.amount, since, MONDAY), one)
        for one in found
    )
    return Ahead(outlook, due, compared)


def used(cost, records, tokens):
    return Used(Decimal(cost), records, tokens, 0)


COMPARED = Compared(
    Mix({"sonnet": used(50, 100, 100_000)}, {HOSTILE: used(30, 60, 60_000), "": used(20, 40, 1)}),
    Mix(
        {"sonnet": used(40, 80, 80_000), HOSTILE: used(110, 120, 300_000)},
        {HOSTILE: used(120, 150, 300_000), "kim@example.com": used(30, 50, 80_000)},
    ),
    "the same days of last week",
)


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (BREACH, "is heading over its weekly cap"),
        (BURNS, "burns its weekly cap too fast"),
        (SPIKES, "spends far more than usual"),
    ],
)
@pytest.mark.parametrize("said", [cards.for_channel, cards.for_owner])
def test_each_says_what_happened_and_what_the_bot_does_about_it(found, says, said):
    card = holds(said(ahead(found, compared=COMPARED)))

    assert says in card.text
    assert "budget-bot only tells" in card.text
    assert "What changed: +$100.00 against the same days of last week" in card.text
    assert "/budget request search-ranking" in card.text


def test_a_breach_says_its_range_and_both_looks():
    card = cards.for_channel(ahead(BREACH))

    assert "Forecast $310 by" in card.text
    assert "($280 to $350, fairly sure): $60 above the cap" in card.text
    assert "Two looks agree" in card.text
    assert "Data through" in card.text


def test_a_burn_says_how_long_the_cap_lasts():
    card = cards.for_channel(ahead(BURNS))

    assert "$120.00 went in the last 24 hours" in card.text
    assert "lasts 2 days: 3 times too fast" in card.text


def test_one_message_names_all_that_was_found():
    card = holds(cards.for_channel(ahead(BURNS, SPIKES)))

    assert "burns its weekly cap too fast and spends far more than usual" in card.text


def test_names_of_people_stand_only_in_the_owners_message():
    channel = cards.for_channel(ahead(BREACH, compared=COMPARED))
    owner = cards.for_owner(ahead(BREACH, compared=COMPARED))

    assert "By one person: 80 % of it." in channel.text
    assert "gnp.exe" in owner.text
    people = [line for line in channel.text.splitlines() if "person" in line]
    assert not any("NNN" in line for line in people)


@pytest.mark.parametrize("said", [cards.for_channel, cards.for_owner])
def test_hostile_names_mention_nobody_and_break_nothing(said):
    card = holds(said(ahead(BURNS, BREACH, SPIKES, name=HOSTILE, compared=COMPARED)))

    assert "<!channel>" not in card.text


def test_the_buttons_are_those_of_an_alert_and_snooze_only_where_a_threshold_was_reached():
    def actions(card):
        return [
            e["action_id"] for b in card.blocks if b["type"] == "actions" for e in b["elements"]
        ]

    early = actions(cards.for_channel(ahead(BREACH, tier=Tier.PREMIUM)))
    assert early == ["request.open", "alert.drop", "workflow.pause", "alert.explain"]

    past = a_watch(spent=Decimal(200), said=(75,))
    known = ahead(BREACH)
    later = replace(known, outlook=replace(known.outlook, caps=(past,)))
    assert "alert.snooze" in actions(cards.for_channel(later))


def test_without_an_earlier_stretch_there_is_nothing_to_compare_with():
    compared = Compared(Mix(), Mix({"sonnet": used(10, 1, 1)}), "last week")

    assert list(what_changed(compared, to_owner=True)) == []


def test_less_spend_than_before_is_said_as_less():
    compared = Compared(COMPARED.after, COMPARED.before, "last week")

    first, *_ = what_changed(compared, to_owner=False)
    assert first.startswith("What changed: −$100.00 against last week")


def test_without_tokens_no_price_of_a_token_is_claimed():
    compared = Compared(
        Mix({"sonnet": used(50, 100, 0)}), Mix({"sonnet": used(300, 150, 90_000)}), "last week"
    )

    _, *causes = what_changed(compared, to_owner=False)

    assert causes == [
        "• +$225.00 from the cost per call, which went up ($0.50 → $2.00)",
        "• +$25.00 from the number of calls ×1.5 (100 → 150)",
    ]


@pytest.mark.parametrize("to_owner", [True, False])
def test_the_causes_that_are_listed_add_up(to_owner):
    first, *rest = what_changed(COMPARED, to_owner=to_owner)

    causes = [line for line in rest if line.startswith("•")]
    amounts = re.findall(r"• ([+−])\$([\d.]+)", "\n".join(causes))
    assert len(amounts) == len(causes)
    assert sum(Decimal(usd) if sign == "+" else -Decimal(usd) for sign, usd in amounts) == 100
    assert first.startswith("What changed: +$100.00")


def test_an_address_is_not_capitalised():
    compared = Compared(
        Mix(), Mix({"sonnet": used(9, 1, 1)}, {"bea@example.com": used(9, 1, 1)}), "last week"
    )

    assert list(what_changed(compared, to_owner=True)) == ["By bea@example.com: 100 % of it."]
