"""What a look ahead at a workflow finds worth saying."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bot.alerts import WHOLE, CapWatch
from bot.forecast import Day, Forecast, Sureness
from bot.forewarnings import Key, Sort, key_of
from bot.money import ZERO
from bot.periods import CapKind, Period, midnight, zone_now
from bot.workflows import Workflow

# A total cap has no end within which a breach would count.
SOON = timedelta(days=14)
_LATE_DAYS = 28
_DEARER = Decimal("1.5")


@dataclass(frozen=True)
class Outlook:
    """A workflow's caps now, and where each of them will end."""

    workflow: Workflow
    caps: tuple[CapWatch, ...]
    forecasts: Mapping[CapKind, Forecast]
    zone: str
    now: datetime


@dataclass(frozen=True)
class Finding:
    """Something worth saying once. `amount`: the cap in force, USD; zero of a spike."""

    sort: Sort
    period: Period
    amount: Decimal
    cap: CapWatch | None = None
    forecast: Forecast | None = None

    @property
    def key(self) -> Key:
        return key_of(self.sort, self.period, self.amount)


def findings(outlook: Outlook) -> tuple[Finding, ...]:
    return tuple(_breaches(outlook))


def _breaches(outlook: Outlook) -> Iterator[Finding]:
    for cap in outlook.caps:
        ahead = outlook.forecasts.get(cap.cap.kind)
        if ahead is not None and not used_up(cap) and exceeds(ahead, cap, outlook):
            yield Finding(Sort.BREACH, cap.cap.period, cap.cap.amount, cap, ahead)


def within_reach(cap: CapWatch, workflow: Workflow, days: Sequence[Day], now: datetime) -> bool:
    """Whether the cap can be passed in time at all: a forecast is dear, and most workflows are far
    from their caps. If every day left were half as dear again as the dearest of late.
    """
    if used_up(cap):
        return False
    dearest = max((day.spent for day in days[-_LATE_DAYS:]), default=ZERO)
    dearest = max(dearest, cap.holds.cost)
    left = Decimal((counts_until(cap, workflow, now) - now) / timedelta(days=1))
    return cap.holds.cost + dearest * _DEARER * left >= cap.cap.amount


def used_up(cap: CapWatch) -> bool:
    """The threshold says so, or nothing may be spent at all."""
    return cap.cap.amount <= 0 or cap.state.left <= 0 or max(cap.said, default=0) >= WHOLE


def exceeds(ahead: Forecast, cap: CapWatch, outlook: Outlook) -> bool:
    """Where little is sure, only what even the lower end of the range says."""
    if ahead.hits_at is None or ahead.hits_at >= counts_until(cap, outlook.workflow, outlook.now):
        return False
    return ahead.sure is not Sureness.LOW or ahead.low >= cap.cap.amount


def counts_until(cap: CapWatch, workflow: Workflow, now: datetime) -> datetime:
    """Up to when reaching the cap would be a breach."""
    if cap.cap.kind is not CapKind.TOTAL:
        return cap.cap.period.end
    if workflow.ends_on is None:
        return now + SOON
    return midnight(workflow.ends_on + timedelta(days=1), zone_now(workflow.calendars, now))
