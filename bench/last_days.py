"""How well the end of a week is told inside its last days, from hours read as money.

    python -m bench.last_days FILE…

For the last weeks of each series, in the first, middle and last hours of the third, fifth and last
day: the absolute percentage error without the last hour and with it, how often the range holds, and
the same only where a rush runs.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import fmean

from bench.series import instants
from bot.forecast import Day, Forecast, Trail, forecast
from bot.periods import CapKind, Period

DAYS, HOURS = (2, 4, 6), (1, 7, 12, 17, 21)
_WEEKS = 45
_NEVER = Decimal(10) ** 30
_HOUR, _WEEK = timedelta(hours=1), timedelta(days=7)
Series = Mapping[datetime, Decimal]


@dataclass(frozen=True)
class Case:
    """Errors are parts of the outcome. `rushes`: the last hour made a difference."""

    calm: float
    ours: float
    calm_held: bool
    held: bool
    rushes: bool


def hourly(path: Path) -> dict[datetime, Decimal]:
    sums: dict[datetime, Decimal] = {}
    for at, value in instants(path):
        hour = at.replace(minute=0, second=0, microsecond=0)
        sums[hour] = sums.get(hour, Decimal(0)) + value
    return sums


def cases(series: Series) -> Iterator[Case]:
    for start in _weeks(series):
        outcome = _sum(series, start, start + _WEEK)
        for day in DAYS:
            for hour in HOURS:
                now = start + timedelta(days=day, hours=hour)
                if outcome > 0 and (case := _case(series, start, now, outcome)):
                    yield case


def _weeks(series: Series) -> Sequence[datetime]:
    """The Mondays of the last whole weeks with one before them."""
    first, last = min(series), max(series) + _HOUR
    monday = (first + timedelta(days=7 - first.weekday())).replace(hour=0)
    known = range((last - monday) // _WEEK)
    found = [monday + n * _WEEK for n in known if monday + n * _WEEK - first >= timedelta(days=5)]
    return found[-_WEEKS:]


def _case(series: Series, start: datetime, now: datetime, outcome: Decimal) -> Case | None:
    period = Period(CapKind.WEEKLY, start, start + _WEEK)
    days, spent = tuple(_days(series, now)), _sum(series, start, now)
    trails = Trail(days), Trail(days, series.get(now - _HOUR, Decimal(0)))
    calm, ours = (forecast(one, spent, period, "UTC", _NEVER, now) for one in trails)
    if calm is None or ours is None:
        return None
    return Case(
        _error(calm, outcome),
        _error(ours, outcome),
        calm.low <= outcome <= calm.high,
        ours.low <= outcome <= ours.high,
        calm != ours,
    )


def _days(series: Series, now: datetime) -> Iterator[Day]:
    today = now.replace(hour=0)
    for n in range(120, 0, -1):
        day = today - timedelta(days=n)
        yield Day(day.date(), _sum(series, day, day + timedelta(days=1)))


def _sum(series: Series, start: datetime, end: datetime) -> Decimal:
    hours = (start + n * _HOUR for n in range((end - start) // _HOUR))
    return sum((series.get(hour, Decimal(0)) for hour in hours), Decimal(0))


def _error(told: Forecast, outcome: Decimal) -> float:
    return abs(float(told.expected / outcome) - 1)


def row(name: str, found: Sequence[Case]) -> str:
    if not found:
        return f"{name[:24]:24} {0:5}"
    calm, ours = fmean(case.calm for case in found), fmean(case.ours for case in found)
    held = fmean(case.calm_held for case in found), fmean(case.held for case in found)
    return f"{name[:24]:24} {len(found):5} {calm:9.3%} {ours:9.3%} {held[0]:7.1%} {held[1]:7.1%}"


def run(paths: Sequence[Path]) -> None:
    print(f"{'':24}     n      calm  with hour   holds (calm, ours)")
    for path in paths:
        found = tuple(cases(hourly(path)))
        print(row(path.stem, found))
        print(row("  where a rush runs", [case for case in found if case.rushes]), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.last_days")
    parser.add_argument("files", nargs="+", type=Path)
    run(parser.parse_args().files)


if __name__ == "__main__":
    main()
