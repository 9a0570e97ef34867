"""What `contract plan` says that prices and sources come to."""

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.cards.plan_recounts import recount_said
from bot.plan import Plan
from bot.recount_trials import RecountTrial, Repriced
from bot.rule_trials import Sum
from bot.sources import Signal, SourceSetting
from bot.trial_days import AccountDay
from tests.builders import MONDAY, an_organisation

BEFORE = an_organisation()
NOTHING = RecountTrial(Repriced(), Sum(), Sum(), Sum(), (), ())
TRIAL = RecountTrial(
    Repriced(1204, Decimal(120), Decimal(80), Decimal(30), Decimal(0)),
    Sum(Decimal(50), 340),
    Sum(Decimal(3), 0, 12),
    Sum(Decimal(9), 1),
    (("search-ranking", Decimal("1.2")), ("", Decimal(-40)), ("~unmetered", Decimal("-0.2"))),
    (AccountDay("openai", MONDAY),),
)


def said(trial, after=BEFORE):
    return list(recount_said(Plan(BEFORE, after, recount=trial)))


def test_a_plan_says_what_prices_and_sources_come_to():
    assert said(TRIAL) == [
        "In months that still run, these prices and sources come to $39.00 less:",
        "  get another price: 1,204 records, $120.00 → $80.00 (of it assumed: $30.00 → $0.00)",
        "  begin to count: $50.00, 340 records",
        "  count no more: $3.00 of bills",
        "  count for another account: $9.00, 1 record",
        "  bills are settled otherwise: 1 day of an account",
        "  search-ranking: +$1.20",
        "  Unattributed: −$40.00",
        "  Unmetered: −$0.20",
    ]


def test_and_what_it_could_not_look_at():
    partly = replace(TRIAL, straddles=True, back_to=MONDAY)

    assert said(partly)[-2:] == [
        "A bill’s UTC day that lies in two months is settled anew as a whole.",
        "Only records since Mon 23 Nov 10:00 CET were looked at: older ones change as well.",
    ]


@pytest.mark.parametrize("trial", [NOTHING, TRIAL])
def test_and_that_a_signal_is_for_what_is_still_to_come(trial):
    after = an_organisation(sources=(SourceSetting("agents/codex", signal=Signal.SPANS),))

    assert said(trial, after)[-1] == (
        "A signal holds for what is sent from then on: what is booked stays as it is."
    )


def test_and_where_nothing_changes_that_is_said():
    assert said(NOTHING) == [
        "In months that still run, these prices and sources change nothing that is recorded."
    ]
    assert said(None) == []
