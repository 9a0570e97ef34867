"""Silence is measured by each source's own habit."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.freshness import Ailing, Ailment, Source, pull_trouble
from bot.pulls import Pull
from bot.silence import NEW, YOUNG, silent_from
from bot.sources import Kind, Lane

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
# Clocks go forward on 29 March and back on 25 October.
MONDAY = datetime(2026, 9, 7, tzinfo=UTC)

When = Callable[[datetime], bool]


def arrivals(when: When, until: datetime, weeks: int = 4) -> list[datetime]:
    hours = (until - weeks * WEEK + number * HOUR for number in range(weeks * 168 + 1))
    return [hour for hour in hours if when(hour)]


def office(zone: str) -> When:
    def when(hour: datetime) -> bool:
        local = hour.astimezone(ZoneInfo(zone))
        return local.weekday() < 5 and 9 <= local.hour < 17

    return when


def always(_: datetime) -> bool:
    return True


def nightly(hour: datetime) -> bool:
    return hour.hour == 6


def weekly(hour: datetime) -> bool:
    return hour.weekday() == 0 and hour.hour == 9


def silent_after(when: When, last: datetime) -> timedelta:
    """How long after its last word a source is silent."""
    known = arrivals(when, last)
    found = silent_from(known, Kind.API)
    assert found is not None
    return found - known[-1]


@pytest.mark.parametrize(
    ("when", "last", "after"),
    [
        (always, MONDAY, 3 * HOUR),
        (nightly, MONDAY + 6 * HOUR, 26 * HOUR),
        (weekly, MONDAY + 9 * HOUR, WEEK + 2 * HOUR),
        (office("Europe/Berlin"), MONDAY + 10 * HOUR, 3 * HOUR),
    ],
)
def test_a_source_is_silent_soon_after_it_missed_what_it_never_misses(when, last, after):
    assert silent_after(when, last) == after


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata"])
def test_who_sends_in_office_hours_is_not_silent_at_the_weekend(zone):
    friday = MONDAY + 4 * DAY + 23 * HOUR
    known = arrivals(office(zone), friday + 4 * HOUR)
    again = next(h for h in (known[-1] + n * HOUR for n in range(1, 99)) if office(zone)(h))

    silent = silent_from(known, Kind.API)

    assert silent is not None
    assert again + HOUR <= silent <= again + 3 * HOUR


@pytest.mark.parametrize(
    "sunday", [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)]
)
@pytest.mark.parametrize("when", [office("Europe/Berlin"), always])
def test_a_clock_that_is_changed_alarms_nobody(sunday, when):
    assert false_alarms(when, sunday - DAY, sunday + WEEK) == 0


def false_alarms(when: When, since: datetime, until: datetime) -> int:
    weeks = 6 + (until - since) // WEEK
    known = arrivals(when, until, weeks)
    times = [number for number in range(1, len(known)) if known[number] > since]
    return sum(_was_silent(known, number) for number in times)


def _was_silent(known: list[datetime], number: int) -> bool:
    begins = silent_from(known[max(0, number - 700) : number], Kind.API)
    return begins is not None and known[number] + HOUR / 2 > begins


def by_chance(each_day: float) -> When:
    chance = random.Random(7)
    drawn: dict[datetime, bool] = {}
    return lambda hour: drawn.setdefault(hour, chance.random() < each_day / 24)


@pytest.mark.parametrize("when", [by_chance(3), by_chance(1), nightly, weekly])
def test_what_comes_as_it_uses_to_alarms_at_most_once_in_two_months(when):
    assert false_alarms(when, MONDAY, MONDAY + 8 * WEEK) <= 1


def test_an_outage_of_before_does_not_make_the_next_one_usual():
    outage = MONDAY - 10 * DAY
    known = [hour for hour in arrivals(always, MONDAY) if not outage < hour < outage + 20 * HOUR]

    assert silent_from(known, Kind.API) == MONDAY + 3 * HOUR


@pytest.mark.parametrize(
    ("known", "after"),
    [
        ([MONDAY], HOUR + NEW),
        ([MONDAY - DAY, MONDAY], HOUR + NEW),
        ([MONDAY - 2 * HOUR, MONDAY - HOUR, MONDAY], HOUR + YOUNG),
        ([MONDAY - 13 * DAY, MONDAY - HOUR, MONDAY], HOUR + YOUNG),
    ],
)
def test_a_young_source_is_given_a_stated_time(known, after):
    assert silent_from(known, Kind.TELEMETRY) == MONDAY + after


@pytest.mark.parametrize("kind", [Kind.FILE, Kind.EXPORT, Kind.MANUAL])
@pytest.mark.parametrize(
    "known", [[MONDAY - 20 * DAY, MONDAY], arrivals(weekly, MONDAY + 9 * HOUR)]
)
def test_nobody_waits_for_what_is_brought_by_hand(kind, known):
    assert silent_from(known, kind) is None


def test_nobody_waits_for_what_was_never_heard():
    assert silent_from([], Kind.API) is None


@given(st.lists(st.integers(0, 1_000), min_size=1, max_size=300), st.sampled_from(Kind))
def test_nobody_is_silent_sooner_than_an_hour_and_everybody_some_day(hours, kind):
    known = [MONDAY + number * HOUR for number in hours]

    begins = silent_from(known, kind)

    if begins is not None:
        assert max(known) + 2 * HOUR <= begins <= max(known) + 60 * WEEK


def test_a_first_pull_is_late_only_once_it_has_come_to_its_end():
    """It goes through what is past, day by day."""
    begun = Pull("bill/openai", MONDAY, through=MONDAY - timedelta(days=20))
    source = Source("bill/openai", Kind.BILL, Lane.BILLED, pull=begun)

    assert pull_trouble(source, MONDAY) is None
    done = replace(source, pull=replace(begun, succeeded_at=MONDAY))
    assert pull_trouble(done, MONDAY) == Ailing(done, Ailment.LATE, MONDAY - timedelta(days=20))
