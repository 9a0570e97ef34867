"""The judge of forecasts and spikes, on series made up from a seed."""

import json
import random
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from bench.forecast import Judgement, cases, months, report, verdict
from bench.series import daily
from bench.spikes import judge, windows_of

WORKING = (10, 11, 12, 11, 9, 3, 2)


def written(path, rows):
    path.write_text("timestamp,value\n" + "".join(f"{at},{value}\n" for at, value in rows))
    return path


def seasonal(path, seed, days=300, growth=0.0, start=date(2025, 1, 1)):
    """A working week with growth by the day, and noise."""
    dice = random.Random(seed)
    rows = []
    for n in range(days):
        day = start + timedelta(days=n)
        cost = 10 * WORKING[day.weekday()] * (1 + growth) ** n * dice.lognormvariate(0, 0.15)
        rows.append((day.isoformat(), round(cost, 2)))
    return written(path, rows)


@pytest.mark.parametrize("growth", [0.0, 0.004, -0.004], ids=["steady", "growing", "shrinking"])
def test_the_forecast_beats_both_baselines_on_a_working_week(tmp_path, growth):
    found = tuple(cases(daily(seasonal(tmp_path / "a.csv", seed=11, growth=growth))))

    assert verdict(Judgement(found)) == "beats both"
    assert len(found) == 4 * 9


def test_only_whole_months_count(tmp_path):
    series = daily(seasonal(tmp_path / "a.csv", seed=1, days=70, start=date(2025, 1, 2)))

    assert [month[0] for month in months(series)] == [date(2025, 2, 1)]


def test_a_series_without_a_whole_month_says_so(tmp_path):
    series = daily(seasonal(tmp_path / "a.csv", seed=1, days=20))

    assert "no whole month" in "".join(report("a", tuple(cases(series)), (3,)))


def test_holes_and_words_in_a_file_are_left_out(tmp_path):
    path = written(
        tmp_path / "a.csv",
        [("2025-01-01", "1"), ("2025-01-03 12:00:00", "2"), ("never", "3"), ("2025-01-03", "NaN")],
    )

    assert daily(path) == {
        date(2025, 1, 1): Decimal(1),
        date(2025, 1, 2): Decimal(0),
        date(2025, 1, 3): Decimal(2),
    }


def test_a_spike_in_its_window_is_a_hit(tmp_path):
    dice, start = random.Random(5), datetime(2025, 3, 3)  # noqa: DTZ001
    spike = start + timedelta(days=20, hours=11)
    hours = (start + timedelta(hours=n) for n in range(24 * 25))
    rows = [(at, 60 if at == spike else round(dice.uniform(1, 2), 2)) for at in hours]
    path = written(tmp_path / "flow.csv", rows)
    labelled = {"flow_8c0756.csv": [[str(spike), str(spike + timedelta(hours=2))]]}

    found = judge(path, windows_of(path, json.loads(json.dumps(labelled))), Decimal(10_000))

    assert found is not None
    assert (found.windows, found.found, found.alerts, found.hits) == (1, 1, 1, 1)
