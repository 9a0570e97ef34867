"""What a look ahead at a workflow finds worth saying."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median

from bot.alerts import WHOLE, CapWatch
from bot.anomalies import LATELY, Burn, Hour, Spike, burning
from bot.caps import CapInForce, CapState
from bot.forecast import Day, Forecast, Sureness, Trail
from bot.forewarnings import Key, Sort, key_of
from bot.money import ZERO
from bot.periods import CapKind, Period, local_day, midnight, period_of, zone_now
from bot.rushes import more
from bot.snoozes import level
from bot.workflows import Workflow
from bot.working_days import is_weekend

# A total cap has no end within which a breach would count.
SOON = timedelta(days=14)
_LATE_DAYS = 28
_DEARER = Decimal("1.5")
# A little less than what makes a spike, of a usual day.
_MUCH_A_DAY, _MUCH_AN_HOUR = Decimal("1.8"), Decimal("0.24")
_LAST = timedelta(hours=2)
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Outlook:
    """A workflow's caps now, where each of them will end, and what was spent lately. `floor`: USD
    below which nothing is worth an alarm.
    """

    workflow: Workflow
    caps: tuple[CapWatch, ...]
    forecasts: Mapping[CapKind, Forecast]
    zone: str
    now: datetime
    hours: Sequence[Hour] = ()
    floor: Decimal = ZERO
    spike: Spike | None = None


@dataclass(frozen=True)
class Finding:
    """Something worth saying once. `amount`: the cap in force, USD; zero of a spike."""

    sort: Sort
    period: Period
    amount: Decimal
    cap: CapWatch | None = None
    forecast: Forecast | None = None
    burn: Burn | None = None
    spike: Spike | None = None

    @property
    def key(self) -> Key:
        return key_of(self.sort, self.period, self.amount)


def findings(outlook: Outlook) -> tuple[Finding, ...]:
    """Burns, then breaches, then a spike: in the order of how much they press."""
    burns = tuple(_burns(outlook))
    burning_caps = {one.period.kind for one in burns}
    breaches = (one for one in _breaches(outlook) if one.period.kind not in burning_caps)
    return (*burns, *breaches, *_spikes(outlook))


def _burns(outlook: Outlook) -> Iterator[Finding]:
    # From the first threshold on an alert says how fast it goes.
    caps = outlook.caps if level(outlook.caps) == 0 else ()
    for cap in caps:
        if used_up(cap) or cap.cap.kind not in LATELY:
            continue
        since = max(outlook.now - LATELY[cap.cap.kind], cap.cap.period.start)
        spent = sum((one.spent for one in outlook.hours if one.start >= since), ZERO)
        in_force, over = cap.cap, outlook.now - since
        burn = burning(spent, over, in_force.amount, in_force.period, outlook.floor)
        if burn is not None:
            yield Finding(Sort.BURN, in_force.period, in_force.amount, cap, burn=burn)


def _spikes(outlook: Outlook) -> Iterator[Finding]:
    if outlook.spike is not None:
        day = period_of(CapKind.DAILY, outlook.spike.since, outlook.workflow.calendars)
        yield Finding(Sort.SPIKE, day, ZERO, spike=outlook.spike)


def may_spike(
    days: Sequence[Day], hours: Sequence[Hour], floor: Decimal, zone: str, now: datetime
) -> bool:
    """Whether the last hours or the last day are worth a look at weeks of hours."""
    today = local_day(now, zone)
    alike = [day.spent for day in days[-_LATE_DAYS:] if is_weekend(day.day) is is_weekend(today)]
    usual = median(alike) if alike else ZERO
    day = sum((one.spent for one in hours if one.start > now - _DAY), ZERO)
    hour = max((one.spent for one in hours if one.start > now - _LAST), default=ZERO)
    return day >= max(floor, usual * _MUCH_A_DAY) or hour >= max(floor, usual * _MUCH_AN_HOUR)


def _breaches(outlook: Outlook) -> Iterator[Finding]:
    for cap in outlook.caps:
        ahead = outlook.forecasts.get(cap.cap.kind)
        if ahead is not None and not used_up(cap) and exceeds(ahead, cap, outlook):
            yield Finding(Sort.BREACH, cap.cap.period, cap.cap.amount, cap, ahead)


def within_reach(state: CapState, workflow: Workflow, trail: Trail, now: datetime) -> bool:
    """Whether the cap can be passed in time at all, were every day left half as dear again as the
    dearest of late, and the last hour a rush: a forecast takes a while to reckon, and most
    workflows are far from their caps.
    """
    if not ZERO <= state.spent < state.cap.amount:
        return False
    first = local_day(state.cap.period.start, zone_now(workflow.calendars, now))
    today = state.spent - sum((day.spent for day in trail.days if day.day >= first), ZERO)
    dearest = max((day.spent for day in trail.days[-_LATE_DAYS:]), default=ZERO)
    left = counts_until(state.cap, workflow, now) - now
    rush, _ = more(max(trail.last_hour, ZERO), left)
    usual = max(dearest, today) * _DEARER * Decimal(left / _DAY)
    return state.spent + usual + rush >= state.cap.amount


def used_up(cap: CapWatch) -> bool:
    """The threshold says so, or nothing may be spent at all."""
    return cap.cap.amount <= 0 or cap.state.left <= 0 or max(cap.said, default=0) >= WHOLE


def exceeds(ahead: Forecast, cap: CapWatch, outlook: Outlook) -> bool:
    """Where little is sure, only what even the lower end of the range says."""
    if ahead.hits_at is None or ahead.hits_at >= counts_until(
        cap.cap, outlook.workflow, outlook.now
    ):
        return False
    return ahead.sure is not Sureness.LOW or ahead.low >= cap.cap.amount


def counts_until(cap: CapInForce, workflow: Workflow, now: datetime) -> datetime:
    """Up to when reaching the cap would be a breach."""
    if cap.kind is not CapKind.TOTAL:
        return cap.period.end
    if workflow.ends_on is None:
        return now + SOON
    return midnight(workflow.ends_on + timedelta(days=1), zone_now(workflow.calendars, now))


@dataclass(frozen=True)
class Stretches:
    """Two stretches `[start, end)` to compare; `since` says what the earlier one was."""

    before: tuple[datetime, datetime]
    after: tuple[datetime, datetime]
    since: str


def to_compare(finding: Finding, workflow: Workflow, now: datetime) -> Stretches:
    """What a finding is about, and the same of the week before; of a cap's period, as much of the
    period before.
    """
    kind, start = finding.period.kind, finding.period.start
    if finding.sort is Sort.BREACH and kind is not CapKind.TOTAL:
        before = period_of(kind, start - _INSTANT, workflow.calendars).start
        since = f"the same days of last {kind.noun}"
        return Stretches((before, min(before + (now - start), start)), (start, now), since)
    after = _begins(finding, now), now
    return Stretches((after[0] - _WEEK, after[1] - _WEEK), after, "the same time a week before")


def _begins(finding: Finding, now: datetime) -> datetime:
    if finding.spike is not None:
        return finding.spike.start
    return now - (finding.burn.over if finding.burn is not None else _WEEK)
