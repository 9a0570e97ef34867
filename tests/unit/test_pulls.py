from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import pulls
from bot.charges import DAY
from bot.pulls import Mark, Pull, Settling, trailing

HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WINDOW = trailing(often=3 * DAY, daily=8 * DAY)
NEW = Pull("bill/acme", NOON)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def day(of_november: int) -> datetime:
    return datetime(2026, 11, of_november, tzinfo=UTC)


@pytest.mark.parametrize(
    ("known", "begin"),
    [
        ({}, datetime(2026, 10, 31, tzinfo=UTC)),
        ({"through": day(23), "succeeded_at": NOON - HOUR}, day(20)),
        ({"through": day(22), "succeeded_at": NOON - DAY}, day(15)),
        ({"through": day(10), "succeeded_at": NOON - HOUR}, day(10)),
        ({"through": day(23), "succeeded_at": NOON - HOUR, "at": day(22)}, day(22)),
        ({"at": day(2)}, day(2)),
    ],
    ids=["first", "again", "first of the day", "after a silence", "interrupted", "never whole"],
)
def test_a_pull_begins_where_something_may_be_new(known, begin):
    assert pulls.begin(replace(NEW, **known), WINDOW, NOON) == begin


def test_a_first_pull_early_in_a_month_asks_for_the_whole_window():
    second = datetime(2026, 11, 2, 12, tzinfo=UTC)

    assert pulls.begin(NEW, WINDOW, second) == datetime(2026, 10, 25, tzinfo=UTC)


@given(moments, st.timedeltas(timedelta(), 40 * DAY), st.sampled_from([HOUR, DAY]))
def test_steps_tile_the_time_from_the_start_to_now(now, ago, step):
    found = list(pulls.steps(now - ago, now, step))

    assert found[0].start <= now - ago < found[0].end
    assert found[-1].start <= now < found[-1].end
    assert all(one.end == other.start for one, other in pairwise(found))
    assert all(one.start.timestamp() % step.total_seconds() == 0 for one in found)


@pytest.mark.parametrize(
    ("age", "unchanged", "final"),
    [(2, True, False), (3, False, False), (3, True, True), (6, False, False), (7, False, True)],
)
def test_a_day_is_settled_when_it_stays_the_same_or_is_old(age, unchanged, final):
    settling = Settling(after=3 * DAY, surely=7 * DAY)

    assert settling.is_final(NOON, NOON + age * DAY, unchanged=unchanged) is final


def test_a_failure_waits_longer_each_time_and_never_longer_than_a_poll():
    waits = [pulls.back_off(failures, HOUR, None) for failures in range(1, 10)]

    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert waits[-1] == HOUR
    assert pulls.back_off(10**9, HOUR, None) == HOUR
    assert pulls.back_off(1, HOUR, 3 * HOUR) == 3 * HOUR


def test_what_is_told_moves_on_and_never_back():
    (step, *_) = pulls.steps(day(20), NOON, DAY)

    pull = pulls.told(replace(NEW, through=day(22)), step, Mark("abc"), step.end)

    assert (pull.at, pull.through) == (day(21), day(22))
    assert pull.told == {day(20): Mark("abc")}


def test_only_lately_told_days_are_remembered():
    pull = NEW
    for step in pulls.steps(NOON - 300 * DAY, NOON, DAY):
        pull = pulls.told(pull, step, Mark("abc"), step.end)

    assert len(pull.told) == 71


def test_an_interruption_keeps_its_place_and_a_success_forgets_it():
    failed = pulls.failed(replace(NEW, at=day(20)), "no answer", NOON, HOUR)
    assert (failed.at, failed.failures, failed.error) == (day(20), 1, "no answer")
    assert failed.due_at == NOON + HOUR

    done = pulls.succeeded(failed, NOON, HOUR)
    assert (done.at, done.failures, done.error, done.succeeded_at) == (None, 0, "", NOON)
