"""What days will cost, told in several ways and combined: averages beat their parts (Bates &
Granger 1969). Beside the levels stand the two plainest ways: the run-rate of the period so far, and
what the weekdays cost in the weeks before it. Each counts by how well it would have told periods.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from bot.weekdays import WEEK

_BEFORE = 28
# How much a way is believed in, and the run-rate where nothing could be tried yet and most that is
# known is of this period: in a week's first days it knows nothing of the weekend.
_LEVELS, _WEEKDAYS, _RUN_RATE, _UNTRIED = 6.0, 3.0, 1.0, 18.0
_POWER = 4
# A trial after days that cost nothing must not decide alone.
_HOPELESS = 2.0
_TINY = 1e-9

_Week = tuple[float, ...]


@dataclass(frozen=True)
class History:
    """Complete days, of which the last `elapsed` (one at least) are the running period's."""

    spent: tuple[float, ...]
    weekdays: tuple[int, ...]
    elapsed: int

    @cached_property
    def sums(self) -> tuple[float, ...]:
        return tuple(accumulate(self.spent, initial=0.0))


@dataclass(frozen=True)
class Trials:
    """Spans of days, how much each counts, and the sums that the levels would have told."""

    spans: Sequence[tuple[int, int]]
    weights: Sequence[float]
    told: Sequence[float]


def combined(
    history: History, trials: Trials, levels: Sequence[float], ahead: Sequence[tuple[int, float]]
) -> tuple[float, ...]:
    """Each day `ahead` (weekday, part of the day), where `levels` say that it costs so much."""
    paths = [levels]
    weights = [_LEVELS * _merit(history, trials, trials.told)]
    mostly = history.elapsed * 2 >= len(history.spent)
    run_rate = _UNTRIED if mostly and not trials.spans else _RUN_RATE
    for belief, way in ((_WEEKDAYS, _weekdays_before), (run_rate, _run_rate)):
        if week := way(history, len(history.spent)):
            told = [_sum(history, way(history, span[0]), span) for span in trials.spans]
            paths.append([week[weekday] * part for weekday, part in ahead])
            weights.append(belief * _merit(history, trials, told))
    return mixed([weight / sum(weights) for weight in weights], paths)


def mixed(parts: Sequence[float], each: Sequence[Sequence[float]]) -> tuple[float, ...]:
    columns = zip(*each, strict=True)
    return tuple(sum(part * one for part, one in zip(parts, c, strict=True)) for c in columns)


def _run_rate(history: History, at: int) -> _Week:
    start = max(at - history.elapsed, 0)
    return ((history.sums[at] - history.sums[start]) / (at - start),) * WEEK


def _weekdays_before(history: History, at: int) -> _Week | None:
    """None before a whole week is known."""
    end = at - history.elapsed
    if end < WEEK:
        return None
    start = max(end - _BEFORE, 0)
    costs = [history.spent[first:end:WEEK] for first in range(start, start + WEEK)]
    means = [sum(cost) / len(cost) for cost in costs]
    monday = -history.weekdays[start] % WEEK
    return (*means[monday:], *means[:monday])


def _sum(history: History, week: _Week | None, span: tuple[int, int]) -> float | None:
    return sum(week[weekday] for weekday in history.weekdays[slice(*span)]) if week else None


def _merit(history: History, trials: Trials, told: Sequence[float | None]) -> float:
    """Of errors as parts of the whole period; 1 where there were no trials."""
    both = zip(trials.spans, trials.weights, told, strict=True)
    missed = [
        (weight, weight * _missed(history, span, cost))
        for span, weight, cost in both
        if cost is not None
    ]
    if not missed:
        return 0.0 if trials.spans else 1.0
    mean = sum(error for _, error in missed) / sum(weight for weight, _ in missed)
    return float(max(mean, _TINY) ** -_POWER)


def _missed(history: History, span: tuple[int, int], told: float) -> float:
    start, end = span
    true = history.sums[end] - history.sums[start]
    so_far = history.sums[start] - history.sums[max(start - history.elapsed, 0)]
    return min(abs(told - true) / max(so_far + true, _TINY), _HOPELESS)
