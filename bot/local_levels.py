"""The level of daily spend as it was known after each day, and how well it would have told sums."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from statistics import fmean, median

_DEGREES = 4.0
_FIRST = 14
_LIGHTEST = 0.05
_NORMAL_MAD = 0.6745
_LEAST_NOISE = 0.4
# Every third day tells the ways apart as well as every day does, at a third of the time.
_TRIAL_DAYS, _TRIAL_LAST, _TRIAL_EVERY, _HALF_LIFE = 28, 7, 3, 60
_WEEK, _WEEKS, _SPAN = 7, 7, 4
_TINY = 1e-12
_SHIFT_DAYS, _BEFORE_SHIFT, _MOST_SHIFT_DAYS = 7, 28, 60
_UNUSUAL, _MATERIAL = 0.9, 2.0


@dataclass(frozen=True)
class Past:
    """Complete days, at least one: what each cost, and its weekday's share of a mean day (> 0)."""

    spent: tuple[float, ...]
    shares: tuple[float, ...]

    @cached_property
    def levels(self) -> tuple[float, ...]:
        return tuple(spent / share for spent, share in zip(self.spent, self.shares, strict=True))

    @cached_property
    def sums(self) -> tuple[float, ...]:
        return tuple(accumulate(self.spent, initial=0.0))

    @cached_property
    def share_sums(self) -> tuple[float, ...]:
        return tuple(accumulate(self.shares, initial=0.0))

    @cached_property
    def means(self) -> tuple[float, ...]:
        """The level over all days up to and with each."""
        both = zip(self.sums[1:], self.share_sums[1:], strict=True)
        return tuple(spent / share for spent, share in both)

    @cached_property
    def weights(self) -> tuple[float, ...]:
        """How much a day says of the level: a Sunday little, where Sundays cost little."""
        return tuple(min(max(share, _LIGHTEST), 1.0) for share in self.shares)

    @cached_property
    def noise(self) -> float:
        """The standard deviation of a day's level around what it was the day before."""
        steps = [abs(after - before) for before, after in pairwise(self.levels)] or [0.0]
        usual = median(steps) / _NORMAL_MAD / math.sqrt(2)
        return max(usual, fmean(steps) * _LEAST_NOISE, _TINY)


def since_shift(past: Past) -> Past:
    """Only the days since the level jumped, where it did: a week or more in a row, each beyond what
    nine of ten days before them were, and twice or half as dear. Robust filters alone would take
    them for outliers for weeks.
    """
    for days in range(min(_MOST_SHIFT_DAYS, len(past.spent) // 2), _SHIFT_DAYS - 1, -1):
        if _jumped(past.levels[-days - _BEFORE_SHIFT : -days], past.levels[-days:]):
            return Past(past.spent[-days:], past.shares[-days:])
    return past


def _jumped(before: Sequence[float], since: Sequence[float]) -> bool:
    usual = sorted(before)
    high = usual[int(_UNUSUAL * (len(usual) - 1))]
    low = usual[int((1 - _UNUSUAL) * (len(usual) - 1))]
    was, is_now = fmean(before), fmean(since)
    up = min(since) > high and is_now > was * _MATERIAL
    return up or (max(since) < low and is_now * _MATERIAL < was)


@dataclass(frozen=True)
class Filtered:
    """For one pace (the variance of the level's daily step, where a day's noise is 1): the level
    after each day, its variance after the last one, and the likelihood of it all (a logarithm).
    """

    pace: float
    levels: tuple[float, ...]
    variance: float
    likelihood: float


def filtered(past: Past, pace: float) -> Filtered:
    level, variance, likelihood = fmean(past.levels[:_FIRST]), 1.0, 0.0
    levels, noise = [], past.noise**2
    for seen, weight in zip(past.levels, past.weights, strict=True):
        variance += pace
        spread = variance + 1 / weight
        off = (seen - level) ** 2 / (noise * spread)
        likelihood -= math.log(spread) / 2 + (_DEGREES + 1) / 2 * math.log1p(off / _DEGREES)
        heed = weight * (_DEGREES + 1) / (_DEGREES + off)
        gain = variance / (variance + 1 / heed)
        level += gain * (seen - level)
        variance *= 1 - gain
        levels.append(level)
    return Filtered(pace, tuple(levels), variance, likelihood)


class Trial:
    """Sums of `days` days as they would have been told from days that are known."""

    def __init__(self, past: Past, days: int) -> None:
        self._past = past
        known, most = len(past.spent), min(days, _TRIAL_DAYS)
        last = known - min(most, _TRIAL_LAST)
        self.spans = tuple(
            (at, min(at + most, known)) for at in range(last, _FIRST - 1, -_TRIAL_EVERY)
        )
        self.weights = tuple(math.exp2((at - known) / _HALF_LIFE) for at, _ in self.spans)
        self._lasting: dict[float, tuple[tuple[float, float], ...]] = {}

    def told(self, one: Filtered, back: float) -> tuple[float, ...]:
        if back not in self._lasting:
            self._lasting[back] = tuple(self._lasts(back))
        means, levels = self._past.means, one.levels
        return tuple(
            means[start - 1] * shares + (levels[start - 1] - means[start - 1]) * lasting
            for (start, _), (shares, lasting) in zip(self.spans, self._lasting[back], strict=True)
        )

    def _lasts(self, back: float) -> Iterator[tuple[float, float]]:
        """Of each span: its shares, and what of them a deviation from the mean still reaches."""
        fading = (share * back**day for day, share in enumerate(self._past.shares, start=1))
        sums = tuple(accumulate(fading, initial=0.0))
        for start, end in self.spans:
            yield self._shares((start, end)), (sums[end] - sums[start]) / back**start

    def missed(self, told: Sequence[float]) -> float:
        """The mean error a day, later trials counting more; 0 where there was no trial."""
        if not self.spans:
            return 0.0
        both = zip(self._counting, self._true, told, strict=True)
        return sum(counts * abs(cost - true) for counts, true, cost in both) / sum(self.weights)

    @cached_property
    def _true(self) -> tuple[float, ...]:
        return tuple(self._past.sums[end] - self._past.sums[start] for start, end in self.spans)

    @cached_property
    def _counting(self) -> tuple[float, ...]:
        both = zip(self.weights, self.spans, strict=True)
        return tuple(weight / self._shares(span) for weight, span in both)

    def _shares(self, span: tuple[int, int]) -> float:
        return self._past.share_sums[span[1]] - self._past.share_sums[span[0]]


def variance_ratio(past: Past) -> float:
    """How far weeks are from those four earlier, against steps from week to week: 1 where they
    wander, less where they return. 1 also where too few are known.
    """
    ends = range(len(past.spent), _WEEK - 1, -_WEEK)
    weeks = [_level(past, end - _WEEK, end) for end in ends]
    if len(weeks) < _WEEKS:
        return 1.0
    far = fmean(abs(after - before) for after, before in zip(weeks, weeks[_SPAN:], strict=False))
    near = fmean(abs(after - before) for after, before in pairwise(weeks))
    return (far + _TINY) / (near * math.sqrt(_SPAN) + _TINY)


def _level(past: Past, start: int, end: int) -> float:
    spent = past.sums[end] - past.sums[start]
    return spent / (past.share_sums[end] - past.share_sums[start])
