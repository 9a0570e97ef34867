"""Asking a vendor for its bill: which days again, when next, and when a day is settled."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.charges import DAY, Stretch, utc_day

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Longer than any window that is asked again.
_REMEMBERED = timedelta(days=70)
_FIRST_BACK_OFF = timedelta(minutes=1)
_MOST_DOUBLINGS = 20


@dataclass(frozen=True)
class Mark:
    """What was told of a step; where it was booked as final, its `outline`, too."""

    fingerprint: str
    outline: str = ""


@dataclass(frozen=True)
class Pull:
    """How far a source has been asked. `through`: it has told all up to here.

    `at`: where an interrupted pull goes on. `told`: of each step lately, by its first instant.
    """

    source: str
    due_at: datetime
    through: datetime | None = None
    at: datetime | None = None
    told: Mapping[datetime, Mark] = field(default_factory=dict)
    failures: int = 0
    succeeded_at: datetime | None = None
    failed_at: datetime | None = None
    error: str = ""


# (now, once a day) -> the first instant that is asked again.
Window = Callable[[datetime, bool], datetime]


def trailing(often: timedelta, daily: timedelta) -> Window:
    """The last `often` at every poll, and `daily` once a day. Whole UTC days."""

    def window(now: datetime, is_daily: bool) -> datetime:  # noqa: FBT001 - a Window
        return utc_day(now - (daily if is_daily else often))

    return window


@dataclass(frozen=True)
class Settling:
    """A stretch is final so long `after` its end once two polls told the same, and `surely` then
    whatever they told.
    """

    after: timedelta
    surely: timedelta

    def is_final(self, end: datetime, told_through: datetime, *, unchanged: bool) -> bool:
        age = told_through - end
        return age >= self.surely or (unchanged and age >= self.after)


def begin(pull: Pull, window: Window, now: datetime) -> datetime:
    """Where a pull begins: where it was interrupted; else the window, and all since it last told.

    A source that is asked for the first time is asked for this month, and the day before it, where
    a month in the west begins.
    """
    if pull.at is not None:
        return pull.at
    is_daily = pull.succeeded_at is None or utc_day(pull.succeeded_at) < utc_day(now)
    since = utc_day(now).replace(day=1) - DAY if pull.through is None else pull.through
    return min(window(now, is_daily), since)


def since(pull: Pull, start: datetime) -> Pull:
    """Asked from `start` on, or from where it was told up to: nothing is left out between."""
    known = [moment for moment in (pull.at, pull.through) if moment is not None]
    return replace(pull, at=min([start, *known]))


def steps(start: datetime, now: datetime, step: timedelta) -> Iterator[Stretch]:
    """Without a gap: the first one holds `start`, the last one `now`."""
    start -= (start - _EPOCH) % step
    while start <= now:
        yield Stretch(start, start + step)
        start += step


def back_off(failures: int, every: timedelta, asked: timedelta | None) -> timedelta:
    """The wait after so many failures in a row: doubled each time up to `every`, and never less
    than the vendor `asked` for.
    """
    doubled = _FIRST_BACK_OFF * (1 << min(failures - 1, _MOST_DOUBLINGS))
    return max(min(doubled, every), asked or timedelta())


def told(pull: Pull, step: Stretch, mark: Mark | None, reached: datetime) -> Pull:
    """After a step was booked; all is told up to `reached`. No mark: nothing settles."""
    known = {day: said for day, said in pull.told.items() if day >= step.start - _REMEMBERED}
    if mark is not None:
        known[step.start] = mark
    return replace(pull, at=step.end, through=max(pull.through or reached, reached), told=known)


def succeeded(pull: Pull, now: datetime, every: timedelta) -> Pull:
    return replace(pull, at=None, due_at=now + every, failures=0, succeeded_at=now, error="")


def failed(pull: Pull, error: str, now: datetime, wait: timedelta) -> Pull:
    """What was booked before stays, and the next attempt goes on behind it."""
    return replace(pull, due_at=now + wait, failures=pull.failures + 1, failed_at=now, error=error)
