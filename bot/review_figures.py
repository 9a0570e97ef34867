"""What a weekly review says of one workflow. Taken once, when the thread is opened."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.caps import effective_cap, running_period
from bot.changes import Change
from bot.money import ZERO
from bot.overrides import Override
from bot.periods import CapKind, Period, zone_now
from bot.refusal import Refusal
from bot.spend import Spent
from bot.workflows import Caps, Status, Tier, Workflow

_INSTANT = timedelta(microseconds=1)


class TooEarly(Refusal):
    """The week is not over yet where it is counted."""


@dataclass(frozen=True)
class Counted:
    """One cap's period: USD spent and the cap that held at its end; None without such a cap."""

    kind: CapKind
    start: datetime
    spent: Decimal
    cap: Decimal | None


@dataclass(frozen=True)
class Extra:
    """An override that was in force in the week."""

    cap: CapKind
    amount: Decimal
    until: datetime


@dataclass(frozen=True)
class Figures:
    """USD. `before` is what the week before held, None when the workflow had none. `late` was
    booked since the last review into weeks closed before this one; `late_through` is all that was
    ever booked late up to this week, from which the next review tells what is new. `caps` and
    `tier` are the registry's, against which answers are told.
    """

    name: str
    status: Status
    counted: tuple[Counted, ...]
    before: Decimal | None
    overrides: tuple[Extra, ...] = ()
    assumed: Decimal = ZERO
    unmetered: int = 0
    late: Decimal = ZERO
    late_through: Decimal = ZERO
    top_model: str = ""
    top_cost: Decimal = ZERO
    caps: Caps = field(default_factory=Caps)
    tier: Tier = Tier.STANDARD

    def of(self, kind: CapKind) -> Counted | None:
        return next((one for one in self.counted if one.kind is kind), None)

    @property
    def week(self) -> Decimal:
        """USD spent in the week."""
        counted = self.of(CapKind.WEEKLY)
        return counted.spent if counted else ZERO


@dataclass(frozen=True)
class Stretches:
    """The periods one workflow's figures are about, by its own calendar."""

    week: Period
    before: Period
    month: Period
    total: Period | None

    @property
    def now(self) -> tuple[Period, ...]:
        """All but the week before."""
        found = (self.week, self.month, self.total)
        return tuple(period for period in found if period is not None)


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
    """The workflow's week that goes with the team's, the one before, and the running month."""
    mine = own_week(workflow, week)
    return Stretches(
        mine,
        running_period(workflow, CapKind.WEEKLY, mine.start - _INSTANT),
        running_period(workflow, CapKind.MONTHLY, now),
        None if workflow.caps.total is None else running_period(workflow, CapKind.TOTAL, now),
    )


def counted(
    workflow: Workflow, period: Period, spent: Spent, overrides: Iterable[Override], now: datetime
) -> Counted:
    """Against the cap at the period's last instant, or now while it runs."""
    moment = min(now, period.end - _INSTANT)
    cap = effective_cap(workflow, period.kind, _as_of(overrides, moment), moment)
    return Counted(period.kind, period.start, spent.cost, cap)


def caps_at(caps: Caps, trail: Iterable[Change], moment: datetime) -> Caps:
    """As they stood at `moment`: `trail`, the newest first, is undone as far as it came later."""
    for change in trail:
        for kind in CapKind if change.at > moment else ():
            if (was := f"{kind}_cap") in change.before:
                amount = change.before[was]
                caps = caps.having(kind, None if amount is None else Decimal(amount))
    return caps


def figures(
    workflow: Workflow,
    about: Stretches,
    spent: Mapping[Period, Spent],
    overrides: tuple[Override, ...],
    now: datetime,
    trail: Iterable[Change] = (),
) -> Figures:
    """All but what was booked late and the dearest model, which the caller adds. `trail`: what was
    changed since the week ended, the newest first.
    """
    nothing = Spent()
    in_week = replace(workflow, caps=caps_at(workflow.caps, trail, about.week.end - _INSTANT))
    week, before = spent.get(about.week, nothing), spent.get(about.before, nothing)
    return Figures(
        name=workflow.name,
        status=workflow.status,
        counted=tuple(
            counted(
                in_week if period is about.week else workflow,
                period,
                spent.get(period, nothing),
                overrides,
                now,
            )
            for period in about.now
        ),
        before=before.cost if before.records or _older(workflow, about.week) else None,
        overrides=_in_force(overrides, about.week),
        assumed=week.assumed,
        unmetered=week.unmetered,
        caps=workflow.caps,
        tier=workflow.tier,
    )


def with_late(
    taken: Figures, late: Iterable[tuple[Period, Decimal]], week: Period, said: Decimal
) -> Figures:
    """`late` by week, as far as the workflow was active in it; `said` by earlier reviews."""
    closed = [(period, amount) for period, amount in late if period.end <= week.end]
    older = sum((amount for period, amount in closed if period.end <= week.start), ZERO)
    through = sum((amount for _, amount in closed), ZERO)
    return replace(taken, late=older - said, late_through=through)


def _older(workflow: Workflow, week: Period) -> bool:
    return workflow.activated_at is not None and workflow.activated_at < week.start


def _as_of(overrides: Iterable[Override], moment: datetime) -> tuple[Override, ...]:
    """As they stood at `moment`: one whose end was announced later had not ended yet."""
    return tuple(
        replace(one, ended_at=None)
        for one in overrides
        if one.ended_at is None or one.ended_at > moment
    )


def _in_force(overrides: Iterable[Override], week: Period) -> tuple[Extra, ...]:
    return tuple(
        Extra(one.cap, one.amount, min(one.end, one.ended_at or one.end))
        for one in overrides
        if one.start < week.end and min(one.end, one.ended_at or one.end) > week.start
    )
