"""How much a workflow spends a day lately, by weekday, and how far that may be off.

A level seen through noise (Durbin & Koopman, *Time Series Analysis by State Space Methods*,
chapter 2), filtered once for each pace at which it may wander; Student weights keep one wild day
from carrying it away. The paces vote by how likely they make the history, and by how well they
would have told sums of such length before. Where weeks went back to what they were (a variance
ratio below one: Lo & MacKinlay 1988), levels that fall back to the long mean vote too. What they
agree on is combined with the run-rate and last weeks' weekdays.

Floats, in parts of the dearest day: a forecast is no account.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from bot.combination import History, Trials, combined, mixed
from bot.local_levels import Filtered, Past, Trial, filtered, since_shift, variance_ratio
from bot.weekdays import profile

# Variance of the level's daily step over that of a day's noise.
_PACES = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
# What is left of a deviation from the long mean a day later.
_BACK = (1.0, 0.97, 0.93)
_RETURNS, _WANDERS = 0.4, 0.8
# Days hang together; taken as independent, their likelihood would be far too sure of itself.
_TEMPER = 0.1
_POWER = 4
# Of a mean absolute error, where errors are normal.
_STANDARD = math.sqrt(math.pi / 2)
_TINY = 1e-12


@dataclass(frozen=True)
class Course:
    """What each day ahead is expected to cost, and the standard error of their sum."""

    path: tuple[float, ...]
    error: float


def course(
    spent: Sequence[float],
    weekdays: Sequence[int],
    elapsed: int,
    ahead: Sequence[tuple[int, float]],
) -> Course:
    """Of the days `ahead` (weekday, part of the day), from those known, oldest first, the last
    `elapsed` of which are the running period's.
    """
    factors = profile(spent, weekdays)
    past = since_shift(Past(tuple(spent), tuple(factors[weekday] for weekday in weekdays)))
    shares = tuple(factors[weekday] * part for weekday, part in ahead)
    filters = [filtered(past, pace) for pace in _PACES]
    trial = Trial(past, len(shares))
    votes = tuple(_voting(one, back, trial) for one in filters for back in _backs(past))
    found = _agreed(votes, past, shares)
    told = mixed(_parts(votes), [vote.told for vote in votes])
    known = len(past.spent)
    history = History(past.spent, tuple(weekdays[-known:]), max(min(elapsed, known), 1))
    path = combined(history, Trials(trial.spans, trial.weights, told), found.path, ahead)
    # Where the ways differ, somebody is wrong.
    return Course(path, math.hypot(found.error, sum(path) - sum(found.path)))


@dataclass(frozen=True)
class _Vote:
    """A pace with a way back. `weight`: a logarithm. `missed`: its mean error a day, in trials."""

    filtered: Filtered
    back: float
    weight: float
    missed: float
    told: tuple[float, ...]


def _backs(past: Past) -> tuple[tuple[float, float], ...]:
    """Ways back with how much they are believed in."""
    belief = (_WANDERS - variance_ratio(past)) / (_WANDERS - _RETURNS)
    if belief <= 0:
        return ((1.0, 1.0),)
    return tuple((back, 1.0 if back == 1 else min(belief, 1.0)) for back in _BACK)


def _voting(one: Filtered, back: tuple[float, float], trial: Trial) -> _Vote:
    told = trial.told(one, back[0])
    missed = trial.missed(told)
    weight = _TEMPER * one.likelihood + math.log(back[1])
    return _Vote(one, back[0], weight - _POWER * math.log(max(missed, _TINY)), missed, told)


def _agreed(votes: Sequence[_Vote], past: Past, shares: Sequence[float]) -> Course:
    parts = _parts(votes)
    paths = [_path(vote, past.means[-1], shares) for vote in votes]
    path = mixed(parts, paths)
    middle = sum(path)
    variance = sum(
        part * (_variance(vote, shares, past.noise) + (sum(days) - middle) ** 2)
        for part, vote, days in zip(parts, votes, paths, strict=True)
    )
    missed = sum(part * vote.missed for part, vote in zip(parts, votes, strict=True))
    # What a model believes of itself leaves out that it is wrong; what it missed before does not.
    error = math.hypot(math.sqrt(variance), _STANDARD * missed * sum(shares))
    return Course(tuple(max(day, 0.0) for day in path), error)


def _parts(votes: Sequence[_Vote]) -> list[float]:
    most = max(vote.weight for vote in votes)
    parts = [math.exp(vote.weight - most) for vote in votes]
    whole = sum(parts)
    return [part / whole for part in parts]


def _path(vote: _Vote, mean: float, shares: Sequence[float]) -> list[float]:
    off = vote.filtered.levels[-1] - mean
    return [share * (mean + off * vote.back**ahead) for ahead, share in enumerate(shares, start=1)]


def _variance(vote: _Vote, shares: Sequence[float], noise: float) -> float:
    """Of the sum ahead: the level as it is not known, as it will wander, and each day's noise."""
    tails = list(accumulate(reversed(shares)))
    level = vote.filtered.variance * tails[-1] ** 2
    wander = vote.filtered.pace * sum(tail**2 for tail in tails)
    return noise**2 * (level + wander + tails[-1])
