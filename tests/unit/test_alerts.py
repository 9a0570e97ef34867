from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts import (
    ALWAYS,
    NEVER,
    AlertedPeriod,
    CapWatch,
    alerts_of,
    belied,
    crossed,
    most_urgent_first,
    newly_crossed,
    notice_key,
    outdated,
    quiet,
    quiet_while_stopped,
    reached,
    spent_while_stopped,
    thresholds_of,
    watched,
)
from bot.caps import caps_in_force, running_period
from bot.periods import BEGINNING, FOREVER, Calendar, CapKind, Period
from bot.policy import Policy
from bot.spend import Spent
from bot.workflows import Caps, Status
from tests.builders import MONDAY, a_watch, a_workflow, an_override

USUAL = (75, 90, 100)
A_NANO = Decimal("0.000000001")
WEEK = Period(
    CapKind.WEEKLY,
    datetime(2026, 11, 22, 23, tzinfo=UTC),
    datetime(2026, 11, 29, 23, tzinfo=UTC),
)

money = st.decimals(0, 10**6, places=9, allow_nan=False, allow_infinity=False)
caps = st.decimals(A_NANO, 10**5, places=9, allow_nan=False, allow_infinity=False)
thresholds = st.lists(st.integers(1, 1000), min_size=1, max_size=6).map(tuple)


@pytest.mark.parametrize(
    ("spent", "cap", "threshold", "is_crossed"),
    [
        pytest.param("224.999999999", "250", 90, False, id="a nano-dollar below"),
        pytest.param("225", "250", 90, True, id="exactly at it"),
        pytest.param("0", "0", 1, False, id="no cap is never crossed"),
        pytest.param("5", "0", 1, False, id="nor by spending"),
        pytest.param("-5", "10", 1, False, id="a credit crosses nothing"),
        pytest.param("0.000000001", "0.000000001", 100, True, id="the smallest cap there is"),
    ],
)
def test_crossing_is_exact(spent, cap, threshold, is_crossed):
    assert crossed(Decimal(spent), Decimal(cap), threshold) is is_crossed


@pytest.mark.parametrize(
    ("spent", "said", "news"),
    [
        pytest.param("74", (), (), id="below all"),
        pytest.param("75", (), (75,), id="the first"),
        pytest.param("120", (), (75, 90, 100), id="a jump remembers all, the last is announced"),
        pytest.param("95", (75,), (90,), id="the next"),
        pytest.param("95", (75, 90), (), id="nothing new"),
        pytest.param("80", (75, 90), (), id="fallen back"),
        pytest.param("95", (90,), (), id="a lower one that was never said is not said after it"),
        pytest.param("101", (90,), (75, 100), id="but is remembered with the next"),
    ],
)
def test_only_what_is_higher_than_all_said_is_news(spent, said, news):
    assert newly_crossed(Decimal(spent), Decimal(100), USUAL, said) == news


@given(st.lists(money, max_size=12), caps, thresholds)
def test_no_threshold_is_announced_twice_whatever_the_spend_does(spends, cap, known):
    said: set[int] = set()
    announced: list[int] = []
    for spent in spends:
        news = newly_crossed(spent, cap, known, said)
        announced += news[-1:]
        said |= set(news)

    assert announced == sorted(set(announced))


@given(money, money, caps, thresholds)
def test_more_spend_never_reaches_fewer_thresholds(one, other, cap, known):
    less, more = sorted((one, other))

    assert set(reached(less, cap, known)) <= set(reached(more, cap, known))


@given(money, caps, thresholds, st.sets(st.integers(1, 1000), max_size=4))
def test_nothing_is_news_just_below_the_mark_and_something_is_at_it(spent, cap, known, said):
    watch = a_watch(cap=cap, spent=spent, thresholds=known, said=said)
    _, mark = watch.mark

    assert bool(watch.news) is (spent >= mark)


@given(money, caps, thresholds)
def test_after_an_announcement_the_mark_is_ahead(spent, cap, known):
    watch = a_watch(cap=cap, spent=spent, thresholds=known)
    told = replace(watch, said=watch.said | set(watch.news))

    assert told.news == ()
    assert told.mark[1] > spent


def test_alerts_of_another_period_amount_or_cap_count_for_nothing():
    (weekly, _) = caps_in_force(a_workflow(), (), MONDAY)
    raised = alerts_of("search-ranking", a_watch(cap=Decimal(250)), (75,), "k", MONDAY)
    (same,) = raised
    others = [
        replace(same, amount=Decimal(350), threshold=90),
        replace(same, cap=CapKind.MONTHLY, threshold=91),
        replace(same, period=replace(WEEK, start=WEEK.start - timedelta(days=7)), threshold=92),
    ]

    assert watched(weekly, Spent(), USUAL, [same, *others], 0).said == {75}


def test_amounts_are_the_same_when_they_are_stored_the_same():
    third = Decimal(100) / 3
    cap = replace(caps_in_force(a_workflow(), (), MONDAY)[0], amount=third)
    (alert,) = alerts_of("w", a_watch(cap=third.quantize(A_NANO)), (75,), "k", MONDAY)

    assert watched(cap, Spent(), USUAL, [alert], 0).said == {75}


def test_the_same_alert_has_the_same_key_and_another_amount_another():
    one, same = a_watch(), a_watch(spent=Decimal(1))

    assert notice_key("w", one, 90) == notice_key("w", same, 90)
    assert notice_key("w", a_watch(cap=Decimal(350)), 90) != notice_key("w", one, 90)


def test_a_workflows_thresholds_go_before_the_policys():
    assert thresholds_of(a_workflow(thresholds=(50,)), Policy()) == (50,)
    assert thresholds_of(a_workflow(), Policy()) == USUAL


def test_the_most_urgent_cap_comes_first():
    calm = a_watch(spent=Decimal(200), kind=CapKind.MONTHLY)
    tight, over = a_watch(spent=Decimal(230)), a_watch(spent=Decimal(260), kind=CapKind.DAILY)

    assert most_urgent_first([calm, tight, over]) == (over, tight, calm)


def test_a_corrected_bill_is_noticed():
    watch = a_watch(spent=Decimal(180), said={75, 90})

    assert watch.corrected_from == 90
    assert a_watch(spent=Decimal(225), said={75, 90}).corrected_from is None


# What stays quiet


def test_marks_are_the_next_thresholds_of_each_cap():
    known = quiet([a_watch(spent=Decimal(200), said={75})], [], MONDAY, FOREVER)

    assert known.marks == {CapKind.WEEKLY: (WEEK.start, Decimal(225))}
    assert known.until == WEEK.end


def test_time_changes_them_when_an_override_ends_or_begins():
    ends = an_override(end=MONDAY + timedelta(hours=5))
    begins = an_override(start=MONDAY + timedelta(hours=3), end=MONDAY + timedelta(hours=9))

    assert quiet([a_watch()], [ends], MONDAY, FOREVER).until == ends.end
    assert quiet([a_watch()], [ends, begins], MONDAY, FOREVER).until == begins.start


def test_a_closed_period_is_always_quiet_and_a_new_one_never():
    known = quiet([a_watch()], [], MONDAY, FOREVER)
    before = replace(WEEK, start=WEEK.start - timedelta(days=7), end=WEEK.start)
    after = replace(WEEK, start=WEEK.end, end=WEEK.end + timedelta(days=7))

    assert known.covers(before, Decimal(10**6))
    assert known.covers(WEEK, Decimal("187.49"))
    assert not known.covers(WEEK, Decimal("187.50"))
    assert not known.covers(after, Decimal("0.01"))


def test_a_cap_that_is_not_there_has_nothing_to_say():
    known = quiet([a_watch()], [], MONDAY, FOREVER)

    assert known.covers(replace(WEEK, kind=CapKind.DAILY), Decimal(10**6))


def test_without_caps_nothing_ever_changes():
    assert quiet([], [], MONDAY, FOREVER).until == FOREVER


def test_a_stopped_workflow_is_looked_at_until_its_notice_is_out():
    waiting, told = quiet_while_stopped(WEEK, told=False), quiet_while_stopped(WEEK, told=True)

    assert waiting.marks[CapKind.WEEKLY] == (WEEK.start, ALWAYS)
    assert told.marks[CapKind.WEEKLY] == (WEEK.start, NEVER)
    assert told.until == WEEK.end


SOON = MONDAY + timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("status", "last_at", "tells"),
    [
        pytest.param(Status.PAUSED, SOON, True, id="paused, and spends"),
        pytest.param(Status.RETIRED, SOON, True, id="retired"),
        pytest.param(Status.ENDED, SOON, True, id="ended"),
        pytest.param(Status.PAUSED, MONDAY, False, id="at the instant of the pause"),
        pytest.param(Status.PAUSED, None, False, id="nothing came"),
        pytest.param(Status.ACTIVE, SOON, False, id="active"),
        pytest.param(Status.PROPOSED, SOON, False, id="proposed"),
    ],
)
def test_only_spend_of_after_the_stop_is_told(status, last_at, tells):
    workflow = a_workflow(status=status, status_since=MONDAY)
    week = Spent(cost=Decimal(1), records=1, last_at=last_at)

    assert spent_while_stopped(workflow, week) is tells


# Keeping a message current


def shown(**named):
    plain = AlertedPeriod("w", WEEK, "k", "C0", Decimal(200), Decimal(250), MONDAY)
    return replace(plain, **named)


LATER = MONDAY + timedelta(minutes=15)


@pytest.mark.parametrize(
    ("spent", "cap", "now", "is_outdated"),
    [
        pytest.param("202.49", "250", LATER, False, id="less than a per cent"),
        pytest.param("202.50", "250", LATER, True, id="a per cent more"),
        pytest.param("197.50", "250", LATER, True, id="a per cent less"),
        pytest.param("202.50", "250", MONDAY, False, id="written just now"),
        pytest.param("200", "350", LATER, True, id="another cap"),
    ],
)
def test_a_message_is_rewritten_when_it_is_off_by_a_per_cent(spent, cap, now, is_outdated):
    state = a_watch(cap=Decimal(cap), spent=Decimal(spent)).state

    assert outdated(shown(), state, now) is is_outdated


def test_a_changed_cap_need_not_wait():
    assert outdated(shown(), a_watch(cap=Decimal(350)).state, MONDAY, at_once=True)
    assert not outdated(shown(), a_watch(cap=Decimal(250)).state, MONDAY, at_once=True)


@pytest.mark.parametrize(
    ("shows", "spent", "is_belied"),
    [
        pytest.param(230, 180, True, id="past 90 % no more"),
        pytest.param(180, 230, True, id="past 90 % again"),
        pytest.param(180, 181, False, id="below 90 % both"),
        pytest.param(230, 225, False, id="past 90 % both"),
        pytest.param(160, 200, True, id="past 75 % again, 90 % not yet"),
        pytest.param(251, 249, True, id="inside the cap again, which is no threshold"),
        pytest.param(249, 250, True, id="at the cap"),
    ],
)
def test_a_message_need_not_wait_whose_words_have_become_false(shows, spent, is_belied):
    watch = a_watch(spent=Decimal(spent), thresholds=(75, 90), said={75, 90})

    assert belied(shown(spent=Decimal(shows)), watch) is is_belied


def test_a_fallen_bill_is_looked_at_again_where_it_passes_a_threshold_again():
    assert a_watch(spent=Decimal(180), said={75, 90, 100}).mark == (WEEK.start, Decimal("187.5"))
    assert a_watch(spent=Decimal(190), said={75, 90, 100}).mark == (WEEK.start, Decimal(225))
    assert a_watch(spent=Decimal(260), said={75, 90, 100}).mark == (WEEK.start, NEVER)


# The calendar's awkward days

AWKWARD = [
    pytest.param("Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC), id="spring forward"),
    pytest.param("Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), id="fall back"),
    pytest.param("Africa/Cairo", datetime(2026, 4, 23, 22, tzinfo=UTC), id="a skipped midnight"),
    pytest.param("America/Santiago", datetime(2026, 9, 6, 4, tzinfo=UTC), id="skipped in Chile"),
    pytest.param("UTC", datetime(2028, 2, 29, 12, tzinfo=UTC), id="29 February"),
    pytest.param("Asia/Kathmandu", datetime(2026, 11, 30, 18, 15, tzinfo=UTC), id="month end"),
    pytest.param("Pacific/Apia", datetime(2026, 12, 31, 10, tzinfo=UTC), id="year end"),
]


@pytest.mark.parametrize(("zone", "moment"), AWKWARD)
@pytest.mark.parametrize("kind", [CapKind.DAILY, CapKind.WEEKLY, CapKind.MONTHLY])
def test_the_last_instant_of_a_period_belongs_to_it_and_the_next_to_the_next(kind, zone, moment):
    workflow = a_workflow(
        caps=Caps(**{kind.value: Decimal(100)}), calendars=(Calendar(BEGINNING, zone),)
    )
    period = running_period(workflow, kind, moment)
    last = period.end - timedelta(microseconds=1)
    (cap,) = caps_in_force(workflow, (), last)
    (alert,) = alerts_of("w", CapWatch(cap, Spent(Decimal(80)), USUAL), (75,), "k", last)
    (after,) = caps_in_force(workflow, (), period.end)

    assert watched(cap, Spent(Decimal(80)), USUAL, [alert], 0).news == ()
    assert watched(after, Spent(Decimal(80)), USUAL, [alert], 0).news == (75,)
    assert quiet([watched(cap, Spent(), USUAL, [], 0)], [], last, FOREVER).until == period.end
