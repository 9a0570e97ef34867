"""When a cap's spend is worth a message, and when it stays quiet (law 5)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bot.caps import CapInForce, CapState
from bot.money import ZERO, to_nanos
from bot.overrides import Override
from bot.periods import FOREVER, CapKind, Period
from bot.policy import Policy
from bot.spend import Spent
from bot.workflows import Status, Workflow

NEVER = Decimal("Infinity")
ALWAYS = Decimal("-Infinity")

# Per cent of a cap.
WHOLE = 100

# Instants are kept as fine as this.
_NEXT = timedelta(microseconds=1)

# An edit of a message costs a call to Slack; a reader looks at a channel less often than this.
REFRESH_AFTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Alert:
    """A threshold (whole per cents) reached by `spent` of `amount` USD, the cap in force.

    `notice` is the outbox key of the channel message that says it.
    """

    workflow: str
    cap: CapKind
    period: Period
    amount: Decimal
    threshold: int
    spent: Decimal
    at: datetime
    notice: str


@dataclass(frozen=True)
class AlertedPeriod:
    """What the first message about a cap's period shows: `spent` of `amount` USD, as of `at`.
    `last_at`: the newest record's instant, where the period has ended.

    `notice` and `channel` are None while only a notice of a changed cap has said it.
    """

    workflow: str
    period: Period
    notice: str | None
    channel: str | None
    spent: Decimal
    amount: Decimal
    at: datetime
    last_at: datetime | None = None


@dataclass(frozen=True)
class Quiet:
    """Nothing is to be said while every running period's spend stays below its mark.

    `marks`: (period start, USD at which something is to be said; Infinity for nothing). A cap that
    is not in it has nothing to say. `until`: when time alone may change the marks. Spend that falls
    is to be looked at too: the bill was corrected.
    """

    marks: dict[CapKind, tuple[datetime, Decimal]]
    until: datetime

    def covers(self, period: Period, spent: Decimal) -> bool:
        """Whether this spend needs no second look. A period that has closed announces nothing."""
        start, mark = self.marks.get(period.kind, (FOREVER, NEVER))
        return period.start < start or (period.start == start and spent < mark)


@dataclass(frozen=True)
class CapWatch:
    """A cap in force, what its period holds, and the thresholds said of it at this amount.

    `snoozed`: the threshold up to which nothing is said now; 0 where nobody snoozed.
    """

    cap: CapInForce
    holds: Spent
    thresholds: tuple[int, ...]
    said: frozenset[int] = frozenset()
    snoozed: int = 0

    @property
    def state(self) -> CapState:
        return CapState(self.cap, self.holds.cost)

    @property
    def reached(self) -> tuple[int, ...]:
        """The thresholds crossed now, the highest last."""
        return reached(self.holds.cost, self.cap.amount, self.thresholds)

    @property
    def news(self) -> tuple[int, ...]:
        new = newly_crossed(self.holds.cost, self.cap.amount, self.thresholds, self.said)
        return new if new and new[-1] > self.snoozed else ()

    @property
    def corrected_from(self) -> int | None:
        """The highest threshold said, where it is not crossed any more."""
        highest = max(self.said, default=None)
        if highest is None or crossed(self.holds.cost, self.cap.amount, highest):
            return None
        return highest

    @property
    def mark(self) -> tuple[datetime, Decimal]:
        """The period, and the spend at which something is to be said, or put otherwise."""
        silent = max(self.snoozed, *self.said, 0)
        ahead = [at for at in self.thresholds if at > silent]
        ahead += self._worded_at - {*self.words_at(self.holds.cost)}
        if not ahead or self.cap.amount <= 0:
            return self.cap.period.start, NEVER
        return self.cap.period.start, self.cap.amount * min(ahead) / 100

    def words_at(self, spent: Decimal) -> tuple[int, ...]:
        """Up to which per cents a message that was sent says this spend has come."""
        return reached(spent, self.cap.amount, self._worded_at)

    @property
    def _worded_at(self) -> frozenset[int]:
        """Where its words change: at what was said, and at the cap itself."""
        return self.said | {WHOLE} if self.said else self.said


def crossed(spent: Decimal, cap: Decimal, threshold: int) -> bool:
    """Exact: 89.999 % has not reached 90 (law 1)."""
    return cap > 0 and spent * 100 >= cap * threshold


def reached(spent: Decimal, cap: Decimal, thresholds: Iterable[int]) -> tuple[int, ...]:
    return tuple(at for at in sorted(set(thresholds)) if crossed(spent, cap, at))


def newly_crossed(
    spent: Decimal, cap: Decimal, thresholds: Iterable[int], said: Collection[int]
) -> tuple[int, ...]:
    """What is to be remembered as said, the last of it to be announced; nothing unless it is higher
    than all that was said: a lower one added later, or spend that fell, repeats nothing.
    """
    new = tuple(at for at in reached(spent, cap, thresholds) if at not in said)
    if not new or new[-1] <= max(said, default=0):
        return ()
    return new


def most_urgent_first(watches: Iterable[CapWatch]) -> tuple[CapWatch, ...]:
    """The highest threshold reached, then the least money left."""
    return tuple(sorted(watches, key=lambda one: (-max(one.reached, default=0), one.state.left)))


def thresholds_of(workflow: Workflow, policy: Policy) -> tuple[int, ...]:
    return workflow.thresholds or policy.thresholds


def watched(
    cap: CapInForce,
    holds: Spent,
    thresholds: tuple[int, ...],
    alerts: Iterable[Alert],
    snoozed: int,
) -> CapWatch:
    """`alerts` may be of any period and amount; only those of this one count as said."""
    amount, period = to_nanos(cap.amount), cap.period
    return CapWatch(
        cap,
        holds,
        thresholds,
        frozenset(
            alert.threshold
            for alert in alerts
            if alert.cap is cap.kind
            and alert.period.start == period.start
            and to_nanos(alert.amount) == amount
        ),
        snoozed,
    )


def alerts_of(
    workflow: str, watch: CapWatch, thresholds: Iterable[int], notice: str, now: datetime
) -> tuple[Alert, ...]:
    cap = watch.cap
    return tuple(
        Alert(workflow, cap.kind, cap.period, cap.amount, at, watch.holds.cost, now, notice)
        for at in thresholds
    )


def notice_key(workflow: str, watch: CapWatch, threshold: int) -> str:
    """The same for the same alert, whoever raises it."""
    start, nanos = int(watch.cap.period.start.timestamp()), to_nanos(watch.cap.amount)
    return f"alert:{workflow}:{watch.cap.kind}:{start}:{nanos}:{threshold}"


def raises_alerts(workflow: Workflow) -> bool:
    return workflow.status is Status.ACTIVE


def stopped(workflow: Workflow) -> bool:
    """It was agreed to once and should spend nothing now."""
    return workflow.status in {Status.PAUSED, Status.RETIRED, Status.ENDED}


def spent_while_stopped(workflow: Workflow, week: Spent) -> bool:
    """Whether the week holds a record of after the workflow was paused, retired or ended."""
    since = workflow.status_since
    if not stopped(workflow) or since is None or week.last_at is None:
        return False
    return week.records > 0 and week.last_at > since


def after_stop(workflow: Workflow, week: Period) -> datetime:
    """The week's first instant after the workflow was paused, retired or ended."""
    since = workflow.status_since
    return week.start if since is None else max(week.start, since + _NEXT)


def quiet(
    watches: Iterable[CapWatch],
    overrides: Iterable[Override],
    now: datetime,
    snoozed_until: datetime,
) -> Quiet:
    """For an active workflow, whose news has been said."""
    known = tuple(watches)
    turns = [snoozed_until, *(watch.cap.period.end for watch in known)]
    turns += [edge for one in overrides for edge in (one.start, one.end) if edge > now]
    return Quiet({watch.cap.kind: watch.mark for watch in known}, min(turns))


def quiet_while_stopped(week: Period, *, told: bool) -> Quiet:
    """One notice a week; until it was given, every record counts."""
    return Quiet({CapKind.WEEKLY: (week.start, NEVER if told else ALWAYS)}, week.end)


def outdated(
    shown: AlertedPeriod, state: CapState, now: datetime, *, at_once: bool = False
) -> bool:
    """Whether a message is to be rewritten: a per cent of the cap off, or the cap changed.

    With `at_once` a changed cap does not wait its 15 minutes.
    """
    changed = to_nanos(shown.amount) != to_nanos(state.cap.amount)
    if now - shown.at < REFRESH_AFTER:
        return changed and at_once
    return changed or abs(state.spent - shown.spent) * 100 >= max(state.cap.amount, ZERO)


def fell(shown: AlertedPeriod, watch: CapWatch) -> bool:
    """Whether a threshold that the message shows is not reached any more."""
    return watch.corrected_from is not None and bool(
        {*watch.words_at(shown.spent)} - {*watch.words_at(watch.holds.cost)}
    )


def belied(shown: AlertedPeriod, watch: CapWatch) -> bool:
    """Whether not only the figures but the words of a message are wrong: it shows a threshold that
    a corrected bill has taken back, or calls corrected what has been spent again.
    """
    return watch.words_at(shown.spent) != watch.words_at(watch.holds.cost)
