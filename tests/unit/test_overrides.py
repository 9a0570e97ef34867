"""Laws of what overrides add up to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.caps import effective_cap
from bot.periods import CapKind
from bot.request_effects import effect, override_of
from bot.requests import Until
from bot.workflows import Status
from tests.builders import ANA, MONDAY, a_request, a_standing, a_workflow, an_override

WORKFLOW = a_workflow()
BASE = Decimal(250)

INSTANT = timedelta(microseconds=1)

money = st.decimals(min_value="0.01", max_value=10_000, places=2)
hours = st.integers(min_value=-2_000, max_value=2_000)


def weekly_cap(known, now):
    cap = effective_cap(WORKFLOW, CapKind.WEEKLY, known, now)
    assert cap is not None
    return cap


def hence(count):
    return MONDAY + timedelta(hours=count)


@st.composite
def overrides(draw):
    start = draw(hours)
    return an_override(
        id=f"o-{draw(st.integers(0, 10**9))}",
        amount=draw(money),
        cap=draw(st.sampled_from([CapKind.WEEKLY, CapKind.MONTHLY])),
        start=hence(start),
        end=hence(start + draw(st.integers(1, 2_000))),
    )


@given(known=st.lists(overrides(), max_size=10), at=hours)
def test_an_active_workflows_cap_is_never_below_its_base(known, at):
    assert weekly_cap(known, hence(at)) >= BASE


@given(known=st.lists(overrides(), max_size=10), at=hours)
def test_those_in_force_add_up(known, at):
    now = hence(at)
    running = [o.amount for o in known if o.cap is CapKind.WEEKLY and o.start <= now < o.end]

    assert weekly_cap(known, now) == BASE + sum(running)


@given(known=st.lists(overrides(), max_size=10), order=st.randoms(use_true_random=False))
def test_granted_and_ended_in_any_order_they_leave_the_base(known, order):
    shuffled = list(known)
    order.shuffle(shuffled)
    ended = [replace(one, ended_at=one.start) for one in shuffled]
    after_all = max((one.end for one in known), default=MONDAY)

    assert weekly_cap(ended, MONDAY) == BASE
    assert weekly_cap(shuffled, after_all) == BASE


@given(
    amount=money,
    until=st.sampled_from([Until.PERIOD, Until.WEEK, Until.MONTH, Until.DAYS]),
    days=st.integers(1, 90),
    minutes=st.integers(0, 60 * 24 * 800),
)
def test_what_an_approval_promises_is_what_holds_until_its_end(amount, until, days, minutes):
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    request = a_request(amount=amount, until=until, days=days)
    promised = effect(request, a_standing(), now)

    end = promised.end or now
    override = override_of(request, end, ANA, now)

    for moment in (now, end - INSTANT):
        assert weekly_cap([override], moment) == promised.after
    for moment in (now - INSTANT, end):
        assert weekly_cap([override], moment) == BASE


@pytest.mark.parametrize("status", [one for one in Status if one is not Status.ACTIVE])
def test_unless_active_an_override_gives_nothing(status):
    paused = a_workflow(status=status)

    assert effective_cap(paused, CapKind.WEEKLY, [an_override()], MONDAY) == 0


def test_while_paused_its_clock_runs_on():
    override = an_override()
    resumed = override.end

    assert weekly_cap([override], resumed) == BASE
