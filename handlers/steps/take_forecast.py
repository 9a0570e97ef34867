from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from bot.anomalies import Hour
from bot.caps import CapInForce, CapState
from bot.forecast import Day, Forecast, Trail, forecast
from bot.money import ZERO
from bot.outlooks import within_reach
from bot.periods import CapKind, local_day, zone_now
from bot.positions import Position
from bot.rushes import LOOKS_BACK, last_hour
from bot.workflows import Status, Workflow
from storage.history import Series
from storage.ledger import Ledger

REMEMBERED = timedelta(days=120)


async def take_forecast(
    ledger: Ledger, workflow: Workflow, cap: CapInForce, now: datetime
) -> Forecast | None:
    """Where the cap's period will end; None before its third day, and where nothing is known."""
    spent = (await ledger.spend.of(workflow.key, cap.period)).cost
    found = await take_forecasts(ledger, [(workflow, (CapState(cap, spent),))], now)
    return found[workflow.key].get(cap.kind)


async def take_forecasts(
    ledger: Ledger, known: Iterable[tuple[Workflow, Sequence[CapState]]], now: datetime
) -> dict[str, dict[CapKind, Forecast]]:
    """By workflow and cap, where there is one. As many questions for all of them as for one."""
    wanted = tuple(known)
    trails = await _trails(ledger, [one for one, _ in wanted], now)
    return {one.key: forecasts_of(one, states, trails[one.key], now) for one, states in wanted}


async def with_forecasts(
    ledger: Ledger, positions: Iterable[Position], now: datetime, *, only_near: bool = False
) -> tuple[Position, ...]:
    """Each with where its caps' periods will end, unless nothing may be spent. `only_near`: of caps
    that may be reached.
    """
    known = tuple(positions)
    trails = await _trails(ledger, [one.workflow for one in known], now)
    return tuple(_with(one, trails[one.workflow.key], now, only_near=only_near) for one in known)


async def _trails(ledger: Ledger, workflows: Sequence[Workflow], now: datetime) -> dict[str, Trail]:
    keys = [one.key for one in workflows]
    days = await ledger.history.days(keys, now - REMEMBERED, now)
    hours = await ledger.history.hours(keys, now - LOOKS_BACK, now)
    return {
        one.key: trail_of(one, days.get(one.key, ()), hours_of(hours.get(one.key, ())), now)
        for one in workflows
    }


def trail_of(one: Workflow, days: Series, hours: Sequence[Hour], now: datetime) -> Trail:
    return Trail(days_of(one, days), last_hour(hours, now))


def hours_of(series: Series) -> tuple[Hour, ...]:
    return tuple(Hour(start, spent) for start, spent in series)


def _with(one: Position, trail: Trail, now: datetime, *, only_near: bool) -> Position:
    workflow = one.workflow
    if workflow.status is not Status.ACTIVE:
        return one
    states = [
        each for each in one.caps if not only_near or within_reach(each, workflow, trail, now)
    ]
    return replace(one, forecasts=forecasts_of(workflow, states, trail, now))


def days_of(workflow: Workflow, series: Series) -> tuple[Day, ...]:
    """Under the date that the workflow's calendar had then."""
    found: dict[date, Decimal] = defaultdict(lambda: ZERO)
    for start, cost in series:
        found[local_day(start, zone_now(workflow.calendars, start))] += cost
    return tuple(Day(day, spent) for day, spent in sorted(found.items()))


def forecasts_of(
    workflow: Workflow, states: Iterable[CapState], trail: Trail, now: datetime
) -> dict[CapKind, Forecast]:
    zone = zone_now(workflow.calendars, now)
    found = {
        state.cap.kind: forecast(trail, state.spent, state.cap.period, zone, state.cap.amount, now)
        for state in states
    }
    return {kind: one for kind, one in found.items() if one is not None}
