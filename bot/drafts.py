"""A request that the bot drafts for an owner. Nothing is asked until a person sends it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

from bot.acknowledgements import Acknowledgement, Standing
from bot.alerts import WHOLE, Alert, CapWatch, crossed
from bot.delegations import Acting, acting
from bot.forecast import Forecast
from bot.money import ZERO
from bot.overrides import Override
from bot.periods import CapKind, Period
from bot.policy import Organisation
from bot.refusal import NotAllowed, Refusal
from bot.requests import Request, Until
from bot.workflows import Workflow

_FIGURES = 2
# Per cent of a cap, where nothing lies between the soft limit and the cap.
_LEAST = 10


# The alert has the same amount on its button: a draft follows where nobody has used it by then.
AFTER_ALERT = timedelta(hours=1)


class Cause(StrEnum):
    SOFT_LIMIT = "soft_limit"
    FORECAST = "forecast"


class DraftState(StrEnum):
    """`LAPSED`: its period is over, or the cap has become another."""

    OPEN = "open"
    SENT = "sent"
    DISMISSED = "dismissed"
    LAPSED = "lapsed"


class NotOpen(Refusal):
    """It was sent, dismissed, or its period is over; the first act counts (law 7)."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """`amount` USD more on the cap of `period.kind`. One for each (workflow, cap, period)."""

    id: str
    workflow: str
    period: Period
    amount: Decimal
    until: Until
    reason: str
    cause: Cause
    addressed_to: str
    drafted_at: datetime
    state: DraftState = DraftState.OPEN
    settled_by: str | None = None
    settled_at: datetime | None = None

    @property
    def notice(self) -> str:
        """The outbox key of its message."""
        return f"draft:{self.id}"


def past_soft_limit(workflow: Workflow, cap: CapWatch) -> bool:
    return crossed(cap.holds.cost, cap.cap.amount, workflow.soft_limit)


def is_told(
    cap: CapWatch, alerts: Iterable[Alert], newest: Acknowledgement | None, now: datetime
) -> bool:
    """Whether an alert of the cap has said it lately, or somebody has acted on one since."""
    said = [one.at for one in alerts if one.period == cap.cap.period]
    if not said:
        return False
    acted = newest is not None and newest.standing is Standing.SEEN
    since = newest.seen_at if acted and newest else None
    return now - max(said) < AFTER_ALERT or (since is not None and since >= max(said))


def is_covered(
    cap: CapWatch,
    overrides: Iterable[Override],
    waiting: Iterable[Request],
    ahead: Forecast | None,
) -> bool:
    """Whether more was asked for already, or what was granted in this period is enough for it."""
    kind, period = cap.cap.kind, cap.cap.period
    if any(one.cap is kind for one in waiting):
        return True
    granted = any(one.cap is kind and one.start in period for one in overrides)
    return granted and (ahead is None or ahead.expected <= cap.cap.amount)


def missing(workflow: Workflow, cap: CapWatch, ahead: Forecast | None) -> Decimal:
    """USD that the cap lacks: what the forecast expects above it, at least the stretch from the
    soft limit to the cap on top of what is overspent.
    """
    amount = cap.cap.amount
    rest = WHOLE - workflow.soft_limit
    least = amount * (rest if rest > 0 else _LEAST) / WHOLE - min(cap.state.left, ZERO)
    # How far a cap without an end will be passed depends only on how far one looks.
    known = ahead is not None and cap.cap.kind is not CapKind.TOTAL
    return rounded_up(max(least, ahead.expected - amount) if ahead and known else least)


def rounded_up(amount: Decimal) -> Decimal:
    """To two figures, at least to a whole dollar: 61.20 becomes 62, 1,316 becomes 1,400."""
    step = Decimal(1).scaleb(max(0, amount.adjusted() + 1 - _FIGURES))
    return (amount / step).to_integral_value(ROUND_CEILING) * step


def until_for(kind: CapKind) -> Until:
    """A total cap's period has no end."""
    return Until.MONTH if kind is CapKind.TOTAL else Until.PERIOD


def settled(draft: Draft, state: DraftState, by: str | None, now: datetime) -> Draft:
    return replace(draft, state=state, settled_by=by, settled_at=now)


def check_addressed(
    by: str, draft: Draft, workflow: Workflow, organisation: Organisation, now: datetime
) -> Acting:
    """Whom the draft is for today: the owner, the backup, who stands in for them. Raises
    NotAllowed.
    """
    group = (one for one in (workflow.owner, workflow.backup) if one)
    for one in acting(group, organisation.delegations, now):
        if one.person == by:
            return one
    raise NotAllowed(
        f"Only the owner or the backup of {draft.workflow} may do that; anybody may ask for more "
        f"with `/budget request {draft.workflow}`."
    )
