from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.caps import (
    CapState,
    caps_in_force,
    effective_cap,
    running_period,
    running_periods,
    tightest,
)
from bot.periods import FOREVER, CapKind, Period
from bot.workflows import Caps, Status
from tests.builders import MONDAY, a_workflow, an_override

ALL = Caps(Decimal(60), Decimal(250), Decimal(900), Decimal(5_000))
money = st.decimals("0.01", 10_000, places=2)


def test_the_caps_are_named_from_the_shortest_period_to_the_total():
    caps = caps_in_force(a_workflow(caps=ALL), (), MONDAY)

    assert [(cap.kind, cap.base) for cap in caps] == list(ALL.present())


def test_each_cap_stands_alone():
    caps = caps_in_force(a_workflow(caps=ALL), [an_override()], MONDAY)

    raised = {cap.kind for cap in caps if cap.amount != cap.base}
    assert raised == {CapKind.WEEKLY}


def test_an_override_of_another_workflow_adds_nothing():
    other = an_override(workflow="support-bot")

    assert effective_cap(a_workflow(), CapKind.WEEKLY, [other], MONDAY) == Decimal(250)


def test_a_kind_without_a_cap_has_none_whatever_was_granted():
    granted = an_override(cap=CapKind.DAILY)

    assert effective_cap(a_workflow(), CapKind.DAILY, [granted], MONDAY) is None


@pytest.mark.parametrize("status", [one for one in Status if one is not Status.ACTIVE])
def test_unless_active_every_cap_is_nothing(status):
    caps = caps_in_force(a_workflow(caps=ALL, status=status), [an_override()], MONDAY)

    assert {cap.amount for cap in caps} == {0}
    assert all(cap.overrides == () for cap in caps)


@given(amounts=st.lists(money, max_size=8), paused=st.booleans())
def test_the_terms_of_a_cap_add_up_to_it(amounts, paused):
    overrides = [an_override(id=f"o-{n}", amount=amount) for n, amount in enumerate(amounts)]
    workflow = a_workflow(status=Status.PAUSED if paused else Status.ACTIVE)

    (weekly, _) = caps_in_force(workflow, overrides, MONDAY)

    terms = weekly.base + sum((one.amount for one in weekly.overrides), Decimal(0))
    assert weekly.amount == (0 if paused else terms)


@given(st.lists(st.tuples(money, money), min_size=1, max_size=4))
def test_the_cap_with_the_least_money_left_decides(pairs):
    (weekly, _) = caps_in_force(a_workflow(), (), MONDAY)
    states = [CapState(replace(weekly, amount=cap), spent) for cap, spent in pairs]

    decides = tightest(states)

    assert decides is not None
    assert all(decides.left <= state.left for state in states)


def test_without_caps_none_decides():
    assert tightest(()) is None


def test_a_total_counts_from_activation_and_never_ends():
    workflow = a_workflow(activated_at=MONDAY)

    total = running_period(workflow, CapKind.TOTAL, MONDAY + timedelta(days=400))

    assert total == Period(CapKind.TOTAL, MONDAY, FOREVER)


def test_before_activation_only_the_calendar_counts():
    workflow = a_workflow(activated_at=MONDAY)
    before = {period.kind for period in running_periods(workflow, MONDAY - timedelta(seconds=1))}
    after = {period.kind for period in running_periods(workflow, MONDAY)}

    assert before == {CapKind.DAILY, CapKind.WEEKLY, CapKind.MONTHLY}
    assert after == {*before, CapKind.TOTAL}
