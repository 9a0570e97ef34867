"""The judge of forecasts inside the last days of weeks."""

from datetime import UTC, datetime, timedelta

import pytest

from bench.last_days import cases, hourly, row

START = datetime(2025, 1, 6, tzinfo=UTC)
WEEKS = 5


def written(path, rush=0):
    """A dollar an hour, and a rush on the last Sunday from 16:00 to 20:00."""
    hours = (START + timedelta(hours=n) for n in range(WEEKS * 7 * 24))
    sunday = START + timedelta(days=WEEKS * 7 - 1)
    costs = ((at, rush if 16 <= (at - sunday) / timedelta(hours=1) < 20 else 1) for at in hours)
    path.write_text("timestamp,value\n" + "".join(f"{at:%F %T},{cost}\n" for at, cost in costs))
    return path


def test_without_a_rush_the_last_hour_changes_nothing(tmp_path):
    found = list(cases(hourly(written(tmp_path / "calm.csv"))))

    assert len(found) == 15 * (WEEKS - 1)
    assert not any(case.rushes for case in found)
    assert [case.ours for case in found] == [case.calm for case in found]


def test_while_a_rush_runs_the_last_hour_tells_more(tmp_path):
    case, _ = (one for one in cases(hourly(written(tmp_path / "rush.csv", 60))) if one.rushes)

    assert case.ours < case.calm
    assert case.held
    assert not case.calm_held


@pytest.mark.parametrize("found", [[], None])
def test_a_row_says_how_many(tmp_path, found):
    known = list(cases(hourly(written(tmp_path / "a.csv")))) if found is None else found

    assert row("a", known).split()[:2] == ["a", str(len(known))]
