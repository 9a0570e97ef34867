"""Which periods a review's figures are about: the workflow's own, beside the team's week."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.caps import running_period
from bot.periods import CapKind, Period, local_day, zone_now
from bot.refusal import Refusal
from bot.workflows import Workflow

_INSTANT = timedelta(microseconds=1)


class TooEarly(Refusal):
    """The week is not over yet where it is counted."""


WEEKS = 4


@dataclass(frozen=True)
class Stretches:
    """The periods one workflow's figures are about, by its own calendar. `earlier`: the weeks
    before, the newest first.
    """

    week: Period
    earlier: tuple[Period, ...]
    month: Period
    last_month: Period
    total: Period | None

    @property
    def before(self) -> Period:
        return self.earlier[0]

    @property
    def now(self) -> tuple[Period, ...]:
        """What a cap is shown for."""
        found = (self.week, self.month, self.total)
        return tuple(period for period in found if period is not None)

    @property
    def all(self) -> tuple[Period, ...]:
        return (*self.now, *self.earlier, self.last_month)


def own_week(workflow: Workflow, week: Period) -> Period:
    """The workflow's week that holds most of the team's: a new zone or week start holds from its
    next period on, so that the edges of the two may differ.
    """
    return running_period(workflow, CapKind.WEEKLY, week.start + (week.end - week.start) / 2)


def had_begun(workflow: Workflow, week: Period) -> bool:
    """It was agreed to before the week was over."""
    began = workflow.activated_at
    return began is None or began < own_week(workflow, week).end


def reviewed_week(workflows: Iterable[Workflow], week: Period, now: datetime) -> Period:
    """The week itself, or the one that all its workflows count instead. Raises TooEarly while it
    runs for one of them.
    """
    own = {own_week(one, week): one for one in workflows}
    for period, workflow in own.items():
        if period.end > now:
            zone = zone_now(workflow.calendars, now)
            local = period.end.astimezone(ZoneInfo(zone))
            raise TooEarly(f"Too early: its week runs until {local:%a %-d %b %H:%M %Z}.")
    return next(iter(own)) if len(own) == 1 else week


def stretches(workflow: Workflow, week: Period, now: datetime) -> Stretches:
    """The workflow's week that goes with the team's, those before, and the running month."""
    mine = own_week(workflow, week)
    month = running_period(workflow, CapKind.MONTHLY, now)
    return Stretches(
        mine,
        tuple(_earlier(workflow, mine)),
        month,
        _before(workflow, month),
        None if workflow.caps.total is None else running_period(workflow, CapKind.TOTAL, now),
    )


def _earlier(workflow: Workflow, week: Period) -> Iterator[Period]:
    for _ in range(WEEKS - 1):
        week = _before(workflow, week)
        yield week


def _before(workflow: Workflow, period: Period) -> Period:
    return running_period(workflow, period.kind, period.start - _INSTANT)


def asks_month(week: Period, through: datetime | None, zone: str) -> bool:
    """The review of the week is the first one of a calendar month; `through` is the end of the
    last reviewed week.
    """
    before = week.start if through is None else through
    return _month(before, zone) != _month(week.end, zone)


def _month(moment: datetime, zone: str) -> tuple[int, int]:
    day = local_day(moment, zone)
    return day.year, day.month
