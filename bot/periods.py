"""Half-open stretches `[start, end)` of a team's calendar. Instants are aware and in UTC."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from bot.names import quoted
from bot.refusal import Refusal

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)


class CapKind(StrEnum):
    """Which stretch a cap counts. `TOTAL` runs from activation and never starts again."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    TOTAL = "total"

    @property
    def noun(self) -> str:
        return {"daily": "day", "weekly": "week", "monthly": "month", "total": "project"}[self]


CALENDAR_KINDS = (CapKind.DAILY, CapKind.WEEKLY, CapKind.MONTHLY)


class WeekStart(StrEnum):
    MONDAY = "monday"
    SUNDAY = "sunday"


@dataclass(frozen=True, order=True)
class Calendar:
    """From the first period that starts after `since`, days are `zone`'s and weeks start so."""

    since: datetime
    zone: str
    week_start: WeekStart = WeekStart.MONDAY


@dataclass(frozen=True)
class Period:
    kind: CapKind
    start: datetime
    end: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


class NotAZone(Refusal):
    """The name is in no time-zone database."""


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def check_zone(name: str, *, field: str | None = None) -> str:
    if name not in _zones():
        raise NotAZone(f"{quoted(name)} is no time zone. Write it like Europe/Berlin.", field=field)
    return name


def known_zone(name: str | None) -> str | None:
    """The name, where the time-zone database has it."""
    return name if name in _zones() else None


def local_moment(day: date, at: time, zone: str) -> datetime:
    """When the wall clock shows `at` on a local day; where daylight saving skips it, as long after
    midnight as usual.
    """
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)


def midnight(day: date, zone: str) -> datetime:
    """The first instant of a local day, also where daylight saving skips or repeats 00:00."""
    return local_moment(day, time(), zone)


def local_day(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def period_of(kind: CapKind, moment: datetime, calendars: Sequence[Calendar]) -> Period:
    """The day, week or month of `moment`. A changed calendar holds from the next period on.

    The first period under a new calendar starts where the old one ended. Were it shorter than
    half its length, it is joined to the one after, so no cap is given twice for a few hours.
    """
    taken_over, calendar = _governing(kind, moment, tuple(calendars))
    period = _plain(kind, moment, calendar)
    if period.start >= taken_over:
        first = _first_after(kind, taken_over, calendar)
        return first if moment in first else period
    return _first_after(kind, taken_over, calendar)


@lru_cache(maxsize=4096)
def _takeovers(
    kind: CapKind, calendars: tuple[Calendar, ...]
) -> tuple[tuple[datetime, Calendar], ...]:
    found: list[tuple[datetime, Calendar]] = [(BEGINNING, calendars[0])]
    for number, calendar in enumerate(calendars[1:], start=1):
        at = period_of(kind, calendar.since, calendars[:number]).end
        while found and found[-1][0] >= at:
            found.pop()
        found.append((at, calendar))
    return tuple(found)


def _governing(
    kind: CapKind, moment: datetime, calendars: tuple[Calendar, ...]
) -> tuple[datetime, Calendar]:
    return next(
        ((at, calendar) for at, calendar in reversed(_takeovers(kind, calendars)) if at <= moment),
        (BEGINNING, calendars[0]),
    )


@lru_cache(maxsize=4096)
def _first_after(kind: CapKind, start: datetime, calendar: Calendar) -> Period:
    whole = _plain(kind, start, calendar)
    if (whole.end - start) * 2 >= whole.end - whole.start:
        return Period(kind, start, whole.end)
    return Period(kind, start, _plain(kind, whole.end, calendar).end)


def _plain(kind: CapKind, moment: datetime, calendar: Calendar) -> Period:
    return _of_day(kind, local_day(moment, calendar.zone), calendar.zone, calendar.week_start)


@lru_cache(maxsize=4096)
def _of_day(kind: CapKind, day: date, zone: str, week_start: WeekStart) -> Period:
    first, following = _days(kind, day, week_start)
    return Period(kind, midnight(first, zone), midnight(following, zone))


def _days(kind: CapKind, day: date, week_start: WeekStart) -> tuple[date, date]:
    if kind is CapKind.DAILY:
        return day, day + timedelta(days=1)
    if kind is CapKind.WEEKLY:
        first = day - timedelta(days=(day.weekday() + (week_start is WeekStart.SUNDAY)) % 7)
        return first, first + timedelta(days=7)
    if kind is CapKind.MONTHLY:
        return day.replace(day=1), (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    raise ValueError(kind)


def same_local_time(moment: datetime, days: int, zone: str) -> datetime:
    """`days` later at the same time on the wall, whatever daylight saving does in between."""
    local = moment.astimezone(ZoneInfo(zone))
    return (
        (local.replace(tzinfo=None) + timedelta(days=days))
        .replace(tzinfo=local.tzinfo)
        .astimezone(UTC)
    )


def zone_now(calendars: Sequence[Calendar], moment: datetime) -> str:
    """The zone in which days are counted at `moment`."""
    return _governing(CapKind.DAILY, moment, tuple(calendars))[1].zone


def slot_of(now: datetime, every: timedelta) -> datetime:
    """The start of the stretch of this length, counted in UTC, that `now` is in."""
    seconds = int(every.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)


def open_since(now: datetime) -> datetime:
    """Before this instant no zone's running month began."""
    return datetime(now.year, now.month, 1, tzinfo=UTC) - timedelta(days=1)
