"""Several ways of telling what days will cost, combined."""

import pytest

from bot.combination import History, Trials, combined

WEEKEND = (10.0, 10.0, 10.0, 10.0, 10.0, 1.0, 1.0)
NOTHING_TRIED = Trials((), (), ())
MONDAY = [(0, 1.0)]


def history(spent, elapsed):
    return History(tuple(spent), tuple(n % 7 for n in range(len(spent))), elapsed)


def tried(known, told):
    spans = tuple((at, at + 7) for at in range(14, known - 6))
    return Trials(spans, (1.0,) * len(spans), (told,) * len(spans))


def test_the_run_rate_goes_first_where_nothing_could_be_tried():
    (monday,) = combined(history([2.0] * 5, elapsed=3), NOTHING_TRIED, [10.0], MONDAY)

    assert monday == pytest.approx(4.0)


def test_a_weeks_first_days_do_not_speak_for_its_weekend():
    (monday,) = combined(history([2.0] * 12, elapsed=2), NOTHING_TRIED, [10.0], MONDAY)

    assert monday > 6.0


def test_levels_that_told_it_well_are_followed():
    known = history([float(n) for n in range(70)], elapsed=10)
    trials = Trials(((50, 57), (60, 67)), (1.0, 1.0), (371.0, 441.0))

    assert list(combined(known, trials, [70.0], MONDAY)) == pytest.approx([70.0])


def test_weekdays_that_told_it_well_are_followed_through_the_week():
    known = history(WEEKEND * 10, elapsed=7)
    ahead = [(weekday, 1.0) for weekday in range(7)]

    found = combined(known, tried(70, told=200.0), [30.0] * 7, ahead)

    assert found[5] < found[4] / 2
    assert sum(found) == pytest.approx(sum(WEEKEND), rel=0.01)


def test_a_part_of_a_day_costs_a_part():
    known = history([3.0] * 40, elapsed=3)

    assert list(combined(known, tried(40, told=21.0), [1.5], [(2, 0.5)])) == pytest.approx([1.5])


def test_days_without_spend_tell_of_none():
    assert combined(history([0.0] * 40, elapsed=3), tried(40, told=0.0), [0.0], MONDAY) == (0.0,)
