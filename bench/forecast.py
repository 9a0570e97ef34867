"""How well the end of a month is told, on series read as money, against two baselines.

    python -m bench.forecast FILE… [--logarithms] [--days 3,7,14,21]
    python -m bench.forecast --spikes WINDOWS.json FILE…

For every calendar month of a series that is whole, and after each of these many days of it: the
absolute percentage error of the forecast, of the run-rate so far, and of the last month's weekdays
(each day left costs what its weekday did on average in the month before). `--logarithms`: the file
holds natural logarithms. With `--spikes`: how many spike alerts fall into the labelled windows
(JSON: file name → pairs of times), and how many a month elsewhere, where the series is scaled to
cost `--month` USD in thirty days and the floor is the policy's.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import fmean, median

from bench import spikes
from bench.series import daily
from bot.forecast import Day, Trail, forecast
from bot.periods import CapKind, Period, midnight

DAYS = (3, 7, 14, 21)
HOLDS = 0.8
_NEVER = Decimal(10) ** 30
Series = Mapping[date, Decimal]


@dataclass(frozen=True)
class Case:
    """A month seen after `known` days of it, and how it ended. Errors are parts of the outcome.

    `weekdays` is None where the month before is not whole.
    """

    known: int
    ours: float
    run_rate: float
    weekdays: float | None
    held: bool
    width: float


def cases(series: Series, marks: Sequence[int] = DAYS) -> Iterator[Case]:
    """Months in which nothing was spent have no percentage error."""
    for month in months(series):
        outcome = total(series, month)
        for known in marks:
            if outcome > 0 and (case := _case(series, month, known, outcome)):
                yield case


def months(series: Series) -> Iterator[tuple[date, date]]:
    """The first day of each whole month, and of the one after."""
    day = min(series, default=date.max)
    while day in series:
        following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        if day.day == 1 and following - timedelta(days=1) in series:
            yield day, following
        day = following


def total(series: Series, month: tuple[date, date]) -> Decimal:
    return sum((series[day] for day in _days(*month)), Decimal(0))


def _days(start: date, end: date) -> Iterator[date]:
    return (start + timedelta(days=n) for n in range((end - start).days))


def _case(series: Series, month: tuple[date, date], known: int, outcome: Decimal) -> Case | None:
    start, end = month
    today = start + timedelta(days=known)
    spent = total(series, (start, today))
    period = Period(CapKind.MONTHLY, midnight(start, "UTC"), midnight(end, "UTC"))
    days = [Day(day, cost) for day, cost in series.items() if day < today]
    told = forecast(Trail(days), spent, period, "UTC", _NEVER, midnight(today, "UTC"))
    if told is None:
        return None
    run_rate = spent * (end - start).days / known
    weekdays = _by_weekdays(series, month, today)
    return Case(
        known,
        _error(told.expected, outcome),
        _error(run_rate, outcome),
        None if weekdays is None else _error(spent + weekdays, outcome),
        told.low <= outcome <= told.high,
        float((told.high - told.low) / outcome),
    )


def _by_weekdays(series: Series, month: tuple[date, date], today: date) -> Decimal | None:
    before = (month[0] - timedelta(days=1)).replace(day=1)
    if before not in series:
        return None
    costs: dict[int, list[Decimal]] = {weekday: [] for weekday in range(7)}
    for day in _days(before, month[0]):
        costs[day.weekday()].append(series[day])
    usual = {weekday: sum(known, Decimal(0)) / len(known) for weekday, known in costs.items()}
    return sum((usual[day.weekday()] for day in _days(today, month[1])), Decimal(0))


def _error(told: Decimal, outcome: Decimal) -> float:
    return abs(float(told / outcome) - 1)


@dataclass(frozen=True)
class Judgement:
    """Weekdays are compared only in months that have a whole one before them."""

    cases: Sequence[Case]

    @property
    def paired(self) -> tuple[Case, ...]:
        return tuple(case for case in self.cases if case.weekdays is not None)

    @property
    def holds(self) -> float:
        return fmean(case.held for case in self.cases)

    @property
    def beats_run_rate(self) -> bool:
        return self._mean(_ours) < self._mean(_run_rate)

    @property
    def beats_weekdays(self) -> bool:
        if not self.paired:
            return True
        return fmean(map(_ours, self.paired)) < fmean(map(_weekdays, self.paired))

    def _mean(self, error: Callable[[Case], float]) -> float:
        return fmean(map(error, self.cases))

    def __str__(self) -> str:
        paired = self.paired
        found = [_both([error(case) for case in self.cases]) for error in (_ours, _run_rate)]
        found.append(_both([_weekdays(case) for case in paired]))
        found.append(_both([_ours(case) for case in paired]))
        width = fmean(case.width for case in self.cases)
        return f"{len(self.cases):4} {' '.join(found)} {self.holds:6.0%} {width:7.0%}"


def _ours(case: Case) -> float:
    return case.ours


def _run_rate(case: Case) -> float:
    return case.run_rate


def _weekdays(case: Case) -> float:
    return case.weekdays if case.weekdays is not None else case.run_rate


def _both(errors: Sequence[float]) -> str:
    if not errors:
        return f"{'–':>14}"
    return f"{fmean(errors) * 100:6.2f} ({median(errors) * 100:5.2f})"


def verdict(judged: Judgement) -> str:
    lost = [
        words
        for won, words in (
            (judged.beats_run_rate, "run-rate is better"),
            (judged.beats_weekdays, "weekdays are better"),
            (judged.holds >= HOLDS, f"range holds under {HOLDS:.0%}"),
        )
        if not won
    ]
    return ", ".join(lost) or "beats both"


def report(name: str, found: Sequence[Case], marks: Sequence[int]) -> Iterator[str]:
    if not found:
        yield f"{name[:24]:24}    0   no whole month"
        return
    judged = Judgement(found)
    yield f"{name[:24]:24} {judged}  {verdict(judged)}"
    for known in marks:
        of_day = [case for case in found if case.known == known]
        if of_day:
            yield f"{f'  day {known}':24} {Judgement(of_day)}"


HEAD = (
    f"{'':24}    n   ours %         run-rate %     weekdays %     (ours there)   holds   width\n"
    f"{'':24}        mean (median)"
)


def run(paths: Sequence[Path], marks: Sequence[int], *, logarithms: bool) -> None:
    print(HEAD)
    for path in paths:
        found = tuple(cases(daily(path, logarithms=logarithms), marks))
        print("\n".join(report(path.stem, found, marks)), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.forecast")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--logarithms", action="store_true")
    parser.add_argument("--days", default=",".join(map(str, DAYS)))
    parser.add_argument("--spikes", type=Path, metavar="WINDOWS")
    parser.add_argument("--month", type=Decimal, default=Decimal(10_000), metavar="USD")
    asked = parser.parse_args()
    if asked.spikes:
        spikes.run(asked.files, asked.spikes, asked.month)
        return
    run(asked.files, [int(day) for day in asked.days.split(",")], logarithms=asked.logarithms)


if __name__ == "__main__":
    main()
