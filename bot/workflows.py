"""The registry: one record per AI workflow, its token budget contract."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from bot.labels import label
from bot.money import say, to_nanos
from bot.names import is_visible, quoted
from bot.periods import BEGINNING, Calendar, CapKind, WeekStart
from bot.refusal import Refusal
from bot.teams import Team
from bot.tiers import Tier as Tier  # noqa: PLC0414 - a word of every record

KEY_PATTERN = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}\Z")
KEY_RULE = "a–z, 0–9, dot, dash and underscore, at most 63"
NAME_LENGTH = 300
TEXT_LENGTH = 2_000
HIGHEST_PER_CENT = 1_000


class Kind(StrEnum):
    """The class of a workflow: what it must have before it may spend."""

    EXPERIMENT = "experiment"
    TEAM_TOOL = "team_tool"
    PRODUCTION = "production"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()

    @property
    def noun(self) -> str:
        return {
            "experiment": "an experiment",
            "team_tool": "a team tool",
            "production": "a production workflow",
        }[self.value]


class Status(StrEnum):
    PROPOSED = "proposed"
    ACTIVE = "active"
    PAUSED = "paused"
    RETIRED = "retired"
    ENDED = "ended"


class Purpose(StrEnum):
    RESEARCH = "research"
    CODING = "coding"
    SUMMARISATION = "summarisation"
    CUSTOMER_FACING = "customer_facing"
    AUTOMATION = "automation"
    OTHER = "other"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


class Enforcement(StrEnum):
    """What the hard limit does. `ALERT` only tells."""

    ALERT = "alert"
    DOWNGRADE = "downgrade"
    BLOCK = "block"


class NotARecord(Refusal):
    """A registry record that contradicts itself."""


class NotThatWay(Refusal):
    """The workflow's status does not lead there."""


@dataclass(frozen=True)
class Caps:
    """USD a period; None is no cap of that kind."""

    daily: Decimal | None = None
    weekly: Decimal | None = None
    monthly: Decimal | None = None
    total: Decimal | None = None

    def of(self, kind: CapKind) -> Decimal | None:
        found: Decimal | None = getattr(self, kind.value)
        return found

    def having(self, kind: CapKind, amount: Decimal | None) -> "Caps":
        return replace(self, **{kind.value: amount})

    def present(self) -> tuple[tuple[CapKind, Decimal], ...]:
        return tuple((kind, cap) for kind in CapKind if (cap := self.of(kind)) is not None)


@dataclass(frozen=True)
class SuccessMetric:
    """What an accepted outcome is. `value_per_unit` in USD."""

    name: str
    target: Decimal | None = None
    value_per_unit: Decimal | None = None


@dataclass(frozen=True)
class Workflow:
    """People and channels are Slack ids, per cents whole, instants aware UTC, dates local.

    `version` is the stored state this value was read from; saving an older one is refused.
    """

    key: str
    name: str
    team: str
    owner: str | None = None
    backup: str | None = None
    kind: Kind = Kind.TEAM_TOOL
    tool: str = ""
    purpose: Purpose = Purpose.OTHER
    caps: Caps = field(default_factory=Caps)
    soft_limit: int = 90
    hard_limit: int = 100
    tier: Tier = Tier.STANDARD
    escalation_tier: Tier | None = None
    success_metric: SuccessMetric | None = None
    review_date: date | None = None
    last_review_date: date | None = None
    ends_on: date | None = None
    exception_rule: str = ""
    enforcement: Enforcement | None = None
    thresholds: tuple[int, ...] | None = None
    approver: str | None = None
    channel: str | None = None
    status: Status = Status.PROPOSED
    status_since: datetime | None = None
    activated_at: datetime | None = None
    retire_on: date | None = None
    agreed_by: str | None = None
    agreed_at: datetime | None = None
    calendars: tuple[Calendar, ...] = ()
    version: int = 0


def checked(workflow: Workflow) -> Workflow:
    """The same workflow. Raises NotARecord naming the field that contradicts the rest."""
    for contradiction in contradictions(workflow):
        raise contradiction
    return workflow


def contradictions(workflow: Workflow) -> Iterator[NotARecord]:
    """Everything that is wrong with a record, each naming its field."""
    if not KEY_PATTERN.match(workflow.key):
        yield NotARecord(
            f"{quoted(workflow.key)} is no key: use {KEY_RULE}.",
            field="key",
        )
    if not is_visible(workflow.name):
        yield NotARecord("A name is missing.", field="name")
    yield from _too_long(workflow)
    yield from _bad_limits(workflow)
    yield from _bad_caps(workflow.caps)


def _too_long(workflow: Workflow) -> Iterator[NotARecord]:
    if len(workflow.name) > NAME_LENGTH:
        yield NotARecord(f"A name has at most {NAME_LENGTH} characters.", field="name")
    for name in ("tool", "exception_rule"):
        if len(getattr(workflow, name)) > TEXT_LENGTH:
            reason = f"The {label(name)} has at most {TEXT_LENGTH} characters."
            yield NotARecord(reason, field=name)


def _bad_limits(workflow: Workflow) -> Iterator[NotARecord]:
    for name in ("soft_limit", "hard_limit"):
        if not 1 <= getattr(workflow, name) <= HIGHEST_PER_CENT:
            reason = f"The {label(name)} is a whole per cent from 1 to {HIGHEST_PER_CENT}."
            yield NotARecord(reason, field=name)
    if workflow.soft_limit > workflow.hard_limit:
        yield NotARecord("The soft limit is above the hard limit.", field="soft_limit")


def _bad_caps(caps: Caps) -> Iterator[NotARecord]:
    for kind, cap in caps.present():
        if to_nanos(cap) <= 0:
            yield NotARecord(f"The {kind} cap must be more than zero.", field=f"{kind}_cap")
    for smaller, larger in (
        (CapKind.DAILY, CapKind.WEEKLY),
        (CapKind.WEEKLY, CapKind.MONTHLY),
        (CapKind.DAILY, CapKind.MONTHLY),
    ):
        low, high = caps.of(smaller), caps.of(larger)
        if low is not None and high is not None and low > high:
            yield NotARecord(
                f"The {smaller} cap {say(low)} is above the {larger} cap {say(high)}.",
                field=f"{smaller}_cap",
            )


_ALWAYS = ("owner",)
_STEADY = ("weekly_cap", "monthly_cap", "review_date")
REQUIRED = {
    Kind.EXPERIMENT: (*_ALWAYS, "monthly_cap or total_cap", "ends_on"),
    Kind.TEAM_TOOL: (*_ALWAYS, *_STEADY),
    Kind.PRODUCTION: (
        *_ALWAYS,
        *_STEADY,
        "success_metric",
        "exception_rule",
        "approver",
        "enforcement",
    ),
}


def missing(workflow: Workflow, team: Team) -> tuple[str, ...]:
    """The fields its class requires and it lacks, by their names in the contract file."""
    caps = workflow.caps
    present = {
        "owner": workflow.owner,
        "weekly_cap": caps.weekly,
        "monthly_cap": caps.monthly,
        "monthly_cap or total_cap": caps.monthly or caps.total,
        "review_date": workflow.review_date,
        "ends_on": workflow.ends_on,
        "success_metric": workflow.success_metric,
        "exception_rule": workflow.exception_rule.strip(),
        "approver": workflow.approver or team.approver,
        "enforcement": workflow.enforcement,
    }
    return tuple(name for name in REQUIRED[workflow.kind] if not present[name])


_WAYS = {
    Status.ACTIVE: (Status.PROPOSED, Status.PAUSED, Status.ENDED),
    Status.PAUSED: (Status.ACTIVE,),
    Status.RETIRED: (Status.PROPOSED, Status.ACTIVE, Status.PAUSED, Status.ENDED),
    Status.ENDED: (Status.ACTIVE, Status.PAUSED),
}


def moved(workflow: Workflow, status: Status, now: datetime) -> Workflow:
    """The workflow in another status. Raises NotThatWay where its life has no such step."""
    if workflow.status is status:
        raise NotThatWay(f"It is {status} already.")
    if workflow.status not in _WAYS.get(status, ()):
        raise NotThatWay(f"It is {workflow.status}; from there it cannot become {status}.")
    return replace(
        workflow,
        status=status,
        status_since=now,
        activated_at=workflow.activated_at or (now if status is Status.ACTIVE else None),
        retire_on=None if status is Status.RETIRED else workflow.retire_on,
    )


def activated(workflow: Workflow, team: Team, by: str, now: datetime) -> Workflow:
    """Active, with `by` on record as agreeing. Raises NotThatWay naming what it still misses."""
    lacking = missing(workflow, team)
    if lacking:
        raise NotThatWay(
            f"It stays {workflow.status}: {workflow.kind.noun} still needs its "
            f"{', '.join(map(label, lacking))}."
        )
    return replace(moved(workflow, Status.ACTIVE, now), agreed_by=by, agreed_at=now)


def with_calendar(workflow: Workflow, zone: str, week_start: WeekStart, now: datetime) -> Workflow:
    """Counting in `zone`, weeks from `week_start`: from the next period on, a new one at once."""
    if not workflow.calendars:
        return replace(workflow, calendars=(Calendar(BEGINNING, zone, week_start),))
    last = workflow.calendars[-1]
    if (last.zone, last.week_start) == (zone, week_start):
        return workflow
    return replace(workflow, calendars=(*workflow.calendars, Calendar(now, zone, week_start)))
