"""What each weekday costs against the mean day."""

from collections.abc import Sequence
from itertools import accumulate
from statistics import fmean

WEEK = 7
_DAYS = 56
# A weekday seen once moves half-way from the mean to what was seen.
_SHRINK = 1.0
_LEAST = 0.02
_EVEN = (1.0,) * WEEK


def profile(spent: Sequence[float], weekdays: Sequence[int]) -> tuple[float, ...]:
    """By weekday (0 is Monday): the ratio to the week around each day, so that growth is none.

    All the same before a whole week is known.
    """
    spent, weekdays = spent[-_DAYS:], weekdays[-_DAYS:]
    if len(spent) < WEEK or sum(spent) <= 0:
        return _EVEN
    around = _around(spent)
    factors = [_factor(day, weekdays, spent, around) for day in range(WEEK)]
    mean = fmean(factors)
    return tuple(max(factor / mean, _LEAST) for factor in factors)


def _factor(
    day: int, weekdays: Sequence[int], spent: Sequence[float], around: Sequence[float]
) -> float:
    seen = [at for at, weekday in enumerate(weekdays) if weekday == day]
    usual = sum(around[at] for at in seen)
    ratio = sum(spent[at] for at in seen) / usual if usual > 0 else 1.0
    return (ratio * len(seen) + _SHRINK) / (len(seen) + _SHRINK)


def _around(spent: Sequence[float]) -> list[float]:
    """The mean of the week around each day; at both ends, of the nearest one."""
    sums = list(accumulate(spent, initial=0.0))
    means = [(sums[at + WEEK] - sums[at]) / WEEK for at in range(len(spent) - WEEK + 1)]
    half = WEEK // 2
    return [means[0]] * half + means + [means[-1]] * half
