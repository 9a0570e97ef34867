"""Which week a review is about, and when it is due: by the team's calendar and clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.periods import BEGINNING, Calendar, CapKind, Period, local_day, local_moment, period_of
from bot.policy import Organisation
from bot.teams import Team

ON_TIME = timedelta(minutes=15)
_INSTANT = timedelta(microseconds=1)
_HALF_A_DAY = timedelta(hours=12)


@dataclass(frozen=True)
class Reviewed:
    """How far a team's reviews have come. `through` is the end of the last reviewed week;
    `active_since` is when the first of its workflows became active.
    """

    team: Team
    through: datetime | None = None
    active_since: datetime | None = None


def due_reviews(
    known: Iterable[Reviewed], organisation: Organisation, now: datetime
) -> tuple[tuple[Team, Period], ...]:
    """The teams whose review of the week that ended is due and was not opened, with that week.

    A missed one is caught up until its week is no longer the latest. A team that had nothing
    active when it was due has missed none.
    """
    return tuple(
        (one.team, ended_week(one.team, organisation, now))
        for one in known
        if _is_due(one, organisation, now)
    )


def _is_due(one: Reviewed, organisation: Organisation, now: datetime) -> bool:
    week = ended_week(one.team, organisation, now)
    if covered(week, one.through):
        return False
    moment = review_moment(one.team, organisation, now)
    return moment >= week.end and (now - moment < ON_TIME or _stood(one, moment))


def review_moment(team: Team, organisation: Organisation, now: datetime) -> datetime:
    """The latest instant, up to now, at which a review was due: a wall-clock time of the team."""
    wanted, zone = organisation.policy.review_at, team.zone(organisation)
    today = local_day(now, zone)
    day = today - timedelta(days=(today.weekday() - wanted.weekday) % 7)
    moment = local_moment(day, wanted.at, zone)
    if moment <= now:
        return moment
    return local_moment(day - timedelta(days=7), wanted.at, zone)


def ended_week(team: Team, organisation: Organisation, moment: datetime) -> Period:
    """The week of the team's calendar that had just ended at `moment`."""
    running = running_week(team, organisation, moment)
    return running_week(team, organisation, running.start - _INSTANT)


def running_week(team: Team, organisation: Organisation, moment: datetime) -> Period:
    zone, start = team.zone(organisation), organisation.policy.week_start
    return period_of(CapKind.WEEKLY, moment, (Calendar(BEGINNING, zone, start),))


def asked_week(
    team: Team, organisation: Organisation, through: datetime | None, now: datetime
) -> Period:
    """The week of the thread that is opened by asking: the coming one, early. A week that ended
    without a review comes first while the running one is young.
    """
    ended, running = ended_week(team, organisation, now), running_week(team, organisation, now)
    young = now < running.start + (running.end - running.start) / 2
    return ended if young and not covered(ended, through) else running


def covered(week: Period, through: datetime | None) -> bool:
    """Most of the week was reviewed already: also when a new zone or week start moved its edges."""
    return through is not None and week.start + (week.end - week.start) / 2 < through


def week_days(week: Period, zone: str) -> tuple[date, date]:
    """Its first and last local day; a zone that has changed since does not shift them."""
    return local_day(week.start + _HALF_A_DAY, zone), local_day(week.end - _HALF_A_DAY, zone)


def say_week(week: Period, zone: str) -> str:
    """`16–22 Nov 2026`, `28 Sep – 4 Oct 2026`, `28 Dec 2026 – 3 Jan 2027`."""
    first, last = week_days(week, zone)
    if first.year != last.year:
        return f"{first:%-d %b %Y} – {last:%-d %b %Y}"
    if first.month != last.month:
        return f"{first:%-d %b} – {last:%-d %b %Y}"
    return f"{first.day}–{last:%-d %b %Y}"


def _stood(one: Reviewed, moment: datetime) -> bool:
    return one.active_since is not None and one.active_since <= moment
