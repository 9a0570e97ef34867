"""What a look ahead at a workflow finds worth saying."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bot.alerts import WHOLE, CapWatch
from bot.forecast import Forecast, Sureness
from bot.forewarnings import Key, Sort, key_of
from bot.periods import CapKind, Period, midnight
from bot.workflows import Workflow

# A total cap has no end within which a breach would count.
SOON = timedelta(days=14)


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


def used_up(cap: CapWatch) -> bool:
    """The threshold says so, or nothing may be spent at all."""
    return cap.cap.amount <= 0 or cap.state.left <= 0 or max(cap.said, default=0) >= WHOLE


def exceeds(ahead: Forecast, cap: CapWatch, outlook: Outlook) -> bool:
    """Where little is sure, only what even the lower end of the range says."""
    if ahead.hits_at is None or ahead.hits_at >= _counts_until(cap, outlook):
        return False
    return ahead.sure is not Sureness.LOW or ahead.low >= cap.cap.amount


def _counts_until(cap: CapWatch, outlook: Outlook) -> datetime:
    if cap.cap.kind is not CapKind.TOTAL:
        return cap.cap.period.end
    last = outlook.workflow.ends_on
    if last is None:
        return outlook.now + SOON
    return midnight(last + timedelta(days=1), outlook.zone)
