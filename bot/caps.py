"""THE effective cap: the one definition that alerts, decisions, reviews and `/budget why` use."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.money import ZERO, percent
from bot.overrides import Override
from bot.periods import CALENDAR_KINDS, FOREVER, CapKind, Period, period_of
from bot.workflows import Status, Workflow


@dataclass(frozen=True)
class CapInForce:
    """One cap at one moment. `amount` is effective (USD), `base` what the registry says."""

    kind: CapKind
    base: Decimal
    amount: Decimal
    overrides: tuple[Override, ...]
    period: Period


@dataclass(frozen=True)
class CapState:
    """A cap and what its period holds so far."""

    cap: CapInForce
    spent: Decimal

    @property
    def left(self) -> Decimal:
        return self.cap.amount - self.spent

    @property
    def percent(self) -> int:
        return percent(self.spent, self.cap.amount)


def effective_cap(
    workflow: Workflow, kind: CapKind, overrides: Iterable[Override], now: datetime
) -> Decimal | None:
    """Base plus every override of this cap in force; 0 unless active; None without such a cap."""
    base = workflow.caps.of(kind)
    if base is None:
        return None
    if workflow.status is not Status.ACTIVE:
        return ZERO
    return base + sum((o.amount for o in _of_cap(overrides, workflow, kind, now)), ZERO)


def running_period(workflow: Workflow, kind: CapKind, moment: datetime) -> Period:
    """The stretch a cap of this kind counts at `moment`; a total cap's runs from activation."""
    if kind is CapKind.TOTAL:
        return Period(kind, workflow.activated_at or FOREVER, FOREVER)
    return period_of(kind, moment, workflow.calendars)


def running_periods(workflow: Workflow, moment: datetime) -> tuple[Period, ...]:
    """Every stretch of `moment` that spend is counted in, capped or not."""
    calendar = tuple(running_period(workflow, kind, moment) for kind in CALENDAR_KINDS)
    if workflow.activated_at is None or moment < workflow.activated_at:
        return calendar
    return (*calendar, running_period(workflow, CapKind.TOTAL, moment))


def caps_in_force(
    workflow: Workflow, overrides: Iterable[Override], now: datetime
) -> tuple[CapInForce, ...]:
    """The workflow's caps in the order daily, weekly, monthly, total."""
    known = tuple(overrides)
    return tuple(
        CapInForce(
            kind,
            base,
            effective_cap(workflow, kind, known, now) or ZERO,
            _of_cap(known, workflow, kind, now),
            running_period(workflow, kind, now),
        )
        for kind, base in workflow.caps.present()
    )


def tightest(states: Iterable[CapState]) -> CapState | None:
    """The cap with the least money left: it decides, and is named."""
    return min(states, key=lambda state: state.left, default=None)


def _of_cap(
    overrides: Iterable[Override], workflow: Workflow, kind: CapKind, now: datetime
) -> tuple[Override, ...]:
    if workflow.status is not Status.ACTIVE:
        return ()
    return tuple(
        o for o in overrides if o.workflow == workflow.key and o.cap is kind and o.in_force(now)
    )
