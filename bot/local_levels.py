"""The level of daily spend as it was known after each day, and how well it would have told sums."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from statistics import fmean, median

_DEGREES = 4.0
_FIRST = 14
_LIGHTEST = 0.05
_NORMAL_MAD = 0.6745
_LEAST_NOISE = 0.4
_TRIAL_DAYS, _TRIAL_LAST, _HALF_LIFE = 28, 7, 60
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
    levels = []
    for seen, share in zip(past.levels, past.shares, strict=True):
        weight = min(max(share, _LIGHTEST), 1.0)
        variance += pace
        spread = variance + 1 / weight
        off = (seen - level) ** 2 / (past.noise**2 * spread)
        likelihood -= math.log(spread) / 2 + (_DEGREES + 1) / 2 * math.log1p(off / _DEGREES)
        heed = weight * (_DEGREES + 1) / (_DEGREES + off)
        gain = variance / (variance + 1 / heed)
        level += gain * (seen - level)
        variance *= 1 - gain
        levels.append(level)
    return Filtered(pace, tuple(levels), variance, likelihood)


class Trial:
    """Sums of `days` days as they would have been told from each day that is known."""

    def __init__(self, past: Past, days: int) -> None:
        self._past = past
        known, most = len(past.spent), min(days, _TRIAL_DAYS)
        last = known - min(most, _TRIAL_LAST)
        self._spans = tuple((at, min(at + most, known)) for at in range(_FIRST, last + 1))
        self._weights = tuple(math.exp2((at - known) / _HALF_LIFE) for at, _ in self._spans)

    def missed(self, one: Filtered, back: float) -> float:
        """The mean error a day, later trials counting more; 0 where there was no trial."""
        if not self._spans:
            return 0.0
        fading = self._fading(back)
        errors = (self._error(one, span, fading, back) for span in self._spans)
        both = zip(self._weights, errors, strict=True)
        return sum(weight * error for weight, error in both) / sum(self._weights)

    def _fading(self, back: float) -> tuple[float, ...]:
        fading = (share * back**day for day, share in enumerate(self._past.shares, start=1))
        return tuple(accumulate(fading, initial=0.0))

    def _error(
        self, one: Filtered, span: tuple[int, int], fading: Sequence[float], back: float
    ) -> float:
        start, end = span
        mean = self._past.means[start - 1]
        shares = self._past.share_sums[end] - self._past.share_sums[start]
        left = (fading[end] - fading[start]) / back**start
        told = mean * shares + (one.levels[start - 1] - mean) * left
        return abs(told - (self._past.sums[end] - self._past.sums[start])) / shares


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
