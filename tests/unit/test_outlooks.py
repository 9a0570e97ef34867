from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from bot.forecast import Day, Forecast, Sureness, Trail
from bot.forewarnings import CONFIRMED_AFTER, Forewarning, Sort, contradicted, ripe
from bot.outlooks import Finding, Outlook, findings, within_reach
from bot.periods import CapKind
from tests.builders import MONDAY, a_watch, a_workflow

WEEKLY = a_watch(spent=Decimal(155))
END = WEEKLY.cap.period.end
THURSDAY = MONDAY + timedelta(days=3)


def a_forecast(**named):
    plain = Forecast(Decimal(310), Decimal(280), Decimal(350), END, THURSDAY, Sureness.FAIR)
    return replace(plain, **named)


def found(cap=WEEKLY, forecast=None, **named):
    ahead = {cap.cap.kind: forecast or a_forecast()}
    return findings(Outlook(a_workflow(**named), (cap,), ahead, "Europe/Berlin", MONDAY))


def test_a_forecast_above_the_cap_is_a_breach():
    [one] = found()

    assert (one.sort, one.period, one.amount) == (Sort.BREACH, WEEKLY.cap.period, Decimal(250))


@pytest.mark.parametrize(
    ("cap", "forecast"),
    [
        pytest.param(WEEKLY, a_forecast(hits_at=None), id="the cap holds"),
        pytest.param(a_watch(spent=Decimal(250)), a_forecast(), id="it is used up"),
        pytest.param(
            a_watch(spent=Decimal(249), said=(75, 100)), a_forecast(), id="100 % was said"
        ),
        pytest.param(a_watch(cap=Decimal(0)), a_forecast(), id="nothing may be spent"),
        pytest.param(
            WEEKLY, a_forecast(sure=Sureness.LOW, low=Decimal(249)), id="too little is sure"
        ),
        pytest.param(WEEKLY, a_forecast(hits_at=END), id="it is hit when the period ends"),
    ],
)
def test_nothing_is_found_where(cap, forecast):
    assert found(cap, forecast) == ()


def test_where_little_is_sure_the_lower_end_of_the_range_decides():
    assert found(forecast=a_forecast(sure=Sureness.LOW, low=Decimal(250)))


@pytest.mark.parametrize(
    ("ends_on", "days", "is_said"),
    [
        pytest.param(None, 13, True, id="soon"),
        pytest.param(None, 15, False, id="far off"),
        pytest.param(date(2026, 12, 20), 27, True, id="on the experiment's last day"),
        pytest.param(date(2026, 12, 20), 29, False, id="after its last day"),
    ],
)
def test_a_total_cap_counts_up_to_its_last_day_or_for_two_weeks(ends_on, days, is_said):
    cap = a_watch(kind=CapKind.TOTAL, spent=Decimal(100))
    ahead = a_forecast(hits_at=MONDAY + timedelta(days=days))

    assert bool(found(cap, ahead, ends_on=ends_on)) is is_said


def a_forewarning(**named):
    since = named.pop("since", MONDAY)
    plain = Forewarning(
        "search-ranking", Sort.BREACH, WEEKLY.cap.period, Decimal(250), since, since
    )
    return replace(plain, **named)


@pytest.mark.parametrize(
    ("after", "is_ripe"),
    [
        (timedelta(0), False),
        (CONFIRMED_AFTER - timedelta(microseconds=1), False),
        (CONFIRMED_AFTER, True),
    ],
)
def test_a_breach_is_said_once_a_second_look_hours_later_agrees(after, is_ripe):
    assert ripe(a_forewarning(), MONDAY + after) is is_ripe


def test_a_spike_and_a_burn_need_no_second_look():
    assert ripe(a_forewarning(sort=Sort.BURN), MONDAY)
    assert ripe(a_forewarning(sort=Sort.SPIKE), MONDAY)


def test_what_was_said_is_not_said_again():
    assert not ripe(a_forewarning(said_at=MONDAY), MONDAY + timedelta(days=1))


def test_one_look_that_says_otherwise_starts_the_count_again():
    waiting, said = a_forewarning(), a_forewarning(said_at=MONDAY, amount=Decimal(300))

    assert contradicted([waiting, said], [], MONDAY) == (waiting,)
    assert contradicted([waiting, said], [waiting.key], MONDAY) == ()
    assert contradicted([waiting], [], END) == ()


def test_another_cap_in_force_is_another_forewarning():
    one, other = a_forewarning(), a_forewarning(amount=Decimal(300))

    assert one.key != other.key
    assert one.notice != other.notice


def test_a_finding_and_its_forewarning_have_one_key():
    period = WEEKLY.cap.period

    assert Finding(Sort.BREACH, period, Decimal("250.00")).key == a_forewarning().key
    assert datetime.fromtimestamp(int(a_forewarning().notice.split(":")[4]), END.tzinfo) == (
        period.start
    )


@pytest.mark.parametrize(
    ("dearest", "spent", "is_near"),
    [
        pytest.param(10, 0, False, id="7 days of $15"),
        pytest.param(30, 0, True, id="7 days of $45"),
        pytest.param(0, 0, False, id="nothing is known"),
        pytest.param(0, 100, True, id="what today holds counts, too"),
        pytest.param(30, 250, False, id="it is used up"),
    ],
)
def test_a_cap_far_off_is_not_forecast(dearest, spent, is_near):
    before = date(2026, 11, 20)
    days = [Day(date(2026, 10, 1), Decimal(900)), *(Day(before, Decimal(dearest)),) * 28]
    state = a_watch(spent=Decimal(spent)).state

    assert within_reach(state, a_workflow(), Trail(days), MONDAY) is is_near


def test_a_cap_that_a_rush_may_pass_is_within_reach():
    state, workflow = a_watch(spent=Decimal(188)).state, a_workflow()
    now = state.cap.period.end - timedelta(hours=7)
    days = [Day(now.date() - timedelta(days=n), Decimal(30)) for n in range(1, 7)]

    assert not within_reach(state, workflow, Trail(days), now)
    assert within_reach(state, workflow, Trail(days, Decimal(68)), now)
