"""What a weekly review says of one workflow. Taken once, when the thread is opened."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import takewhile

from bot.addressing import Addressed
from bot.caps import effective_cap
from bot.changes import Change
from bot.forecast import Forecast
from bot.freshness import Feed
from bot.money import ZERO
from bot.outcomes import Happened
from bot.overrides import Override
from bot.periods import CapKind, Period
from bot.review_decisions import Recommendation
from bot.review_stretches import Stretches
from bot.spend import Spent
from bot.tiers import Tier, TierRule, by_tier
from bot.workflows import Caps, Status, Workflow

_INSTANT = timedelta(microseconds=1)


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
class Came:
    """What came of a request whose money has ended, in its requester's words."""

    promised: str
    answer: Happened
    evidence: str
    at: datetime


@dataclass(frozen=True)
class Open:
    """A request for more that nobody has answered yet."""

    cap: CapKind
    amount: Decimal


@dataclass(frozen=True)
class Running:
    """How many reviews in a row a workflow was kept without an outcome, and how many of the last
    were answered by nobody.
    """

    kept: int = 0
    unreviewed: int = 0


@dataclass(frozen=True)
class Figures:
    """USD. `before` is what the week before held, None when the workflow had none. `late` was
    booked since the last review into weeks closed before this one; `late_through` is all that was
    ever booked late up to this week, from which the next review tells what is new. `caps` and
    `tier` are the registry's, against which answers are told. `weeks`: what this week and those
    before it held, the newest first, as far back as the workflow was active in all of them; `idle`
    of them, from the newest on, hold no record at all. `premium`: what premium models cost in the
    week, None where no model has a known tier; `untiered`: those without. `month` is the one that
    has just ended, where the review asks about it. `outcome_at`: when something that was promised
    had last happened. `addressed`: who was spoken to when the thread was opened. `feeds`: how far
    the sources had told then.
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
    premium: Decimal | None = None
    untiered: Decimal = ZERO
    caps: Caps = field(default_factory=Caps)
    tier: Tier = Tier.STANDARD
    weeks: tuple[Decimal, ...] = ()
    idle: int = 0
    month: Counted | None = None
    forecast: Forecast | None = None
    explanations: tuple[str, ...] = ()
    came: tuple[Came, ...] = ()
    outcome_at: datetime | None = None
    requests: tuple[Open, ...] = ()
    running: Running = field(default_factory=Running)
    recommendation: Recommendation | None = None
    addressed: Addressed | None = None
    feeds: tuple[Feed, ...] = ()

    def of(self, kind: CapKind) -> Counted | None:
        return next((one for one in self.counted if one.kind is kind), None)

    @property
    def week(self) -> Decimal:
        """USD spent in the week."""
        counted = self.of(CapKind.WEEKLY)
        return counted.spent if counted else ZERO


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
    trail: Iterable[Change],
) -> Figures:
    """What the periods hold; the caller adds the rest. `trail`: what was changed since the week
    ended, the newest first.
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
        weeks=tuple(one.cost for one in _weeks(workflow, about, spent)),
        idle=_idle(_weeks(workflow, about, spent)),
    )


def _weeks(
    workflow: Workflow, about: Stretches, spent: Mapping[Period, Spent]
) -> tuple[Spent, ...]:
    """The week, and those before it as far as it was active all through them."""
    began = workflow.activated_at
    whole = [one for one in about.earlier if began is None or began <= one.start]
    return tuple(spent.get(period, Spent()) for period in (about.week, *whole))


def _idle(weeks: Iterable[Spent]) -> int:
    return sum(1 for _ in takewhile(lambda week: not week.records, weeks))


def ended_month(
    workflow: Workflow,
    about: Stretches,
    spent: Mapping[Period, Spent],
    overrides: Iterable[Override],
    trail: Iterable[Change],
) -> Counted:
    """The month that has just ended, against the cap at its end."""
    month = about.last_month
    then = replace(workflow, caps=caps_at(workflow.caps, trail, month.end - _INSTANT))
    return counted(then, month, spent.get(month, Spent()), overrides, month.end)


def outcome_at(came: Iterable[Came]) -> datetime | None:
    """When something that was promised had last happened, in part at least."""
    return max((one.at for one in came if one.answer is not Happened.NO), default=None)


def with_late(
    taken: Figures, late: Iterable[tuple[Period, Decimal]], week: Period, said: Decimal
) -> Figures:
    """`late` by week, as far as the workflow was active in it; `said` by earlier reviews."""
    closed = [(period, amount) for period, amount in late if period.end <= week.end]
    older = sum((amount for period, amount in closed if period.end <= week.start), ZERO)
    through = sum((amount for _, amount in closed), ZERO)
    return replace(taken, late=older - said, late_through=through)


def with_models(
    taken: Figures,
    models: Sequence[tuple[str, Decimal]],
    rules: Iterable[TierRule],
    now: datetime,
) -> Figures:
    """`models` of the week, the dearest first."""
    model, cost = next(iter(models), (taken.top_model, taken.top_cost))
    tiers = by_tier(models, rules, now)
    known = any(tier is not None for tier in tiers)
    return replace(
        taken,
        top_model=model,
        top_cost=cost,
        premium=tiers.get(Tier.PREMIUM, ZERO) if known else None,
        untiered=tiers.get(None, ZERO),
    )


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
