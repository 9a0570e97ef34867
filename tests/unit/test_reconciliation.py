"""Which of a day's figures count: whatever is billed and seen, it adds up, and nothing twice."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.attribution import UNATTRIBUTED, UNMETERED, Clues
from bot.charges import DAY, Charge, on_day, utc_day, utc_days
from bot.money import from_nanos, to_nanos
from bot.periods import BEGINNING, Calendar
from bot.reconciliation import Day, Line, Metered, settle, split, stretches
from bot.usage import CostBasis
from bot.workflows import Workflow

ZONES = (
    "UTC",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "America/New_York",
    "Pacific/Auckland",
    "America/Sao_Paulo",
)
# Both changes of New York's and Auckland's clocks, the last change that São Paulo had, any day.
DAYS = tuple(
    datetime(*day, tzinfo=UTC)
    for day in (
        (2026, 3, 8),
        (2026, 11, 1),
        (2026, 4, 4),
        (2026, 9, 26),
        (2018, 11, 4),
        (2026, 11, 16),
        (2026, 11, 30),
    )
)
NANOS = st.integers(-(10**12), 10**12)
NAMES = ("search", "triage", "agents")


def a_workflow(key: str, zone: str, activated_at: datetime | None = None) -> Workflow:
    calendars = (Calendar(BEGINNING, zone),)
    return Workflow(key, key, "team", calendars=calendars, activated_at=activated_at)


@st.composite
def days(draw) -> Day:
    """Zones, activations, records and lines of any length within a UTC day."""
    day = draw(st.sampled_from(DAYS))
    activations = st.none() | st.integers(-5, 30).map(lambda hours: day + timedelta(hours=hours))
    workflows = {
        key: a_workflow(key, draw(st.sampled_from(ZONES)), draw(activations))
        for key in (*NAMES, UNATTRIBUTED, UNMETERED)
    }
    calendars = {key: stretches(one, day, day + DAY) for key, one in workflows.items()}
    whose = st.sampled_from((*NAMES, UNATTRIBUTED))
    quarters = st.integers(0, 95).map(lambda number: day + timedelta(minutes=15 * number))
    metered = st.builds(
        lambda workflow, hour, model, nanos, part: Metered(
            workflow, hour, model, nanos, nanos * part // 4
        ),
        whose,
        quarters,
        st.sampled_from(("a", "b")),
        st.integers(0, 10**11),
        st.integers(0, 4),
    )
    lines = st.builds(
        lambda workflow, span, nanos, final, key: Line(
            Charge(
                "1",
                "openai",
                day + min(span),
                day + max(span),
                from_nanos(nanos),
                final,
                clues=Clues(key=key),
            ),
            workflow,
        ),
        whose,
        st.tuples(*[st.timedeltas(timedelta(0), DAY)] * 2),
        NANOS,
        st.sampled_from((True, True, True, False)),
        st.sampled_from(("", "k1")),
    )
    return Day(
        day,
        draw(st.lists(lines, max_size=5)),
        draw(st.lists(metered, max_size=6)),
        calendars,
    )


def figures(day: Day) -> dict[str, int]:
    """What each workflow costs once the entries stand beside the realtime records."""
    sums: dict[str, int] = defaultdict(int)
    for hour in day.metered:
        sums[hour.workflow] += hour.nanos
    for entry in settle(day).entries:
        sums[entry.workflow] += entry.nanos
    return sums


@given(days())
def test_workflows_unattributed_and_unmetered_are_what_is_billed(day):
    came_to, sums = settle(day), figures(day)
    if came_to.settled:
        assert came_to.billed == sum(to_nanos(line.charge.cost) for line in day.lines)
        assert came_to.billed == came_to.workflows + came_to.unattributed + came_to.unmetered
    else:
        assert came_to.entries == ()
    assert sums[UNMETERED] == came_to.unmetered
    assert sums[UNATTRIBUTED] == came_to.unattributed
    assert sum(sums.values()) - sums[UNMETERED] - sums[UNATTRIBUTED] == came_to.workflows


@given(days())
def test_a_workflow_costs_what_its_lines_say_or_what_was_seen(day):
    came_to, sums = settle(day), figures(day)
    for name in NAMES:
        lines = [to_nanos(one.charge.cost) for one in day.lines if one.workflow == name]
        seen = sum(one.nanos for one in day.metered if one.workflow == name)
        assert sums[name] == (sum(lines) if lines and came_to.settled else seen)


@given(days())
def test_what_is_assumed_leaves_with_the_estimate_it_is_part_of(day):
    came_to = settle(day)
    named = {one.workflow for one in day.lines} - {UNATTRIBUTED}
    assumed = sum(one.assumed for one in day.metered if one.workflow in named)
    taken = sum(one.nanos for one in came_to.entries if one.basis is CostBasis.ASSUMED)
    assert taken == (-assumed if came_to.settled else 0)


@given(days())
def test_a_line_is_booked_within_it_once_in_each_period_that_it_touches(day):
    for entry in settle(day).entries:
        calendar = day.calendars[entry.workflow]
        lines = [one.charge for one in day.lines if one.workflow == entry.workflow]
        starts = {one.start for one in calendar} | {one.start for one in lines}
        assert entry.at in starts | {calendar[-1].end}


@given(days(), st.randoms(use_true_random=False))
def test_the_order_of_lines_and_records_changes_nothing(day, random):
    lines, metered = list(day.lines), list(day.metered)
    random.shuffle(lines)
    random.shuffle(metered)
    assert settle(Day(day.start, lines, metered, day.calendars)) == settle(day)


@given(NANOS, st.lists(st.integers(0, 10**13), min_size=1, max_size=5).filter(any))
def test_parts_add_up_nano_for_nano(nanos, weights):
    parts = split(nanos, weights)
    assert sum(parts) == nanos
    assert all(part * nanos >= 0 for part in parts)


@given(st.sampled_from(ZONES), st.sampled_from(DAYS), st.none() | st.integers(-600, 2_000))
def test_stretches_tile_the_day(zone, day, minute):
    at = None if minute is None else day + timedelta(minutes=minute)
    found = stretches(a_workflow("search", zone, at), day, day + DAY)
    assert found[0].start == day
    assert found[-1].end == day + DAY
    assert all(one.end == other.start for one, other in pairwise(found))
    assert all(one.start < one.end for one in found)


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=70)), NANOS)
def test_the_days_of_a_charge_add_up_to_it(start, length, nanos):
    charge = Charge("seats", "cursor", start, start + length, from_nanos(nanos), final=True)
    parts = [on_day(charge, day) for day in utc_days(charge.start, charge.end)]
    assert sum((part.cost for part in parts), Decimal(0)) == charge.cost
    assert all(utc_day(part.start) + DAY >= part.end for part in parts)
    assert all(one.end == other.start for one, other in pairwise(parts))
    assert all(part.cost * charge.cost >= 0 for part in parts)


def test_a_month_of_seats_costs_each_of_its_days_alike():
    start = datetime(2026, 11, 1, tzinfo=UTC)
    seats = Charge("seats", "cursor", start, start + 30 * DAY, Decimal(300), final=True)
    assert {on_day(seats, day).cost for day in utc_days(seats.start, seats.end)} == {Decimal(10)}


def test_no_part_of_a_day_lies_ahead_of_now():
    """At noon in UTC, Auckland's next day has begun and Berlin's has not."""
    noon = DAYS[0] + timedelta(hours=12)

    berlin = stretches(a_workflow("search", "Europe/Berlin", None), DAYS[0], noon)
    auckland = stretches(a_workflow("search", "Pacific/Auckland", None), DAYS[0], noon)

    assert [one.end for one in berlin] == [noon]
    assert [one.end for one in auckland][-1] == noon
    assert len(auckland) == 2
