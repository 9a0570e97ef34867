"""The registry as a file writes it: one field per name, in the order people read them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from typing import Any

from bot.attribution import Rule
from bot.periods import CapKind
from bot.policy import Organisation, Policy
from bot.prices import OwnPrice
from bot.refusal import Refusal
from bot.sources import SourceSetting
from bot.teams import Team
from bot.tiers import TierRule
from bot.workflows import Status, SuccessMetric, Workflow

VERSION = 1

# What a file can say of one field.
Said = str | int | Decimal | date | list[Any] | dict[str, Any] | None


@dataclass(frozen=True, order=True)
class Place:
    """Both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, order=True)
class Problem:
    """Why a file is refused. `where` is a path like `workflows.search-ranking.weekly_cap`."""

    place: Place
    where: str
    reason: str

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        return f"line {self.place.line}, column {self.place.column}: {where}{self.reason}"


class BadContract(Refusal):
    """The whole file is refused, with everything that is wrong in it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True)
class Entry:
    """A workflow as the file has it. `status` None leaves what is stored; `places` are by key."""

    workflow: Workflow
    status: Status | None
    places: Mapping[str, Place]

    def problem(self, field: str | None, reason: str) -> Problem:
        place = self.places.get(field or "") or self.places[""]
        return Problem(place, f"workflows.{self.workflow.key}", reason)


@dataclass(frozen=True)
class RuleEntry:
    """A rule of attribution, and where it stands in the file."""

    rule: Rule
    place: Place


@dataclass(frozen=True)
class Contract:
    """`organisation`: the sections that are in the file. `rules`: None where it says nothing of
    them. `wanted`: what Slack can be asked about: people's ids, e-mails and #names.
    """

    organisation: Mapping[str, Any] = field(default_factory=dict)
    teams: tuple[Team, ...] = ()
    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()
    wanted: frozenset[str] = frozenset()
    rules: tuple[RuleEntry, ...] | None = None


def organisation_fields(organisation: Organisation) -> dict[str, Said]:
    return {
        "finance": list(organisation.finance),
        "admin_channel": organisation.admin_channel,
        "policy": dict(policy_fields(organisation.policy)),
        **spending_fields(organisation),
        "tiers": tier_fields(organisation.tiers),
    }


def flat_organisation_fields(organisation: Organisation) -> dict[str, Said]:
    """The policy's own fields as `policy.timezone` and so on."""
    within = policy_fields(organisation.policy).items()
    return {
        "finance": list(organisation.finance),
        "admin_channel": organisation.admin_channel,
        **{f"policy.{name}": value for name, value in within},
        **spending_fields(organisation),
        # A list, since their order is a difference, too.
        "tiers": [f"{one.tier} {one.pattern}" for one in organisation.tiers],
    }


def spending_fields(organisation: Organisation) -> dict[str, Said]:
    return {
        "sources": [_present(one) for one in organisation.sources],
        "prices": [_present(one) for one in organisation.prices],
    }


def tier_fields(rules: Iterable[TierRule]) -> dict[str, Said]:
    """Patterns by tier; both in the order in which they are tried."""
    found: dict[str, Said] = {}
    for tier, each in groupby(rules, key=lambda rule: rule.tier):
        found[tier.value] = [rule.pattern for rule in each]
    return found


def _present(one: SourceSetting | OwnPrice) -> dict[str, Said]:
    return {
        name: value.value if isinstance(value, StrEnum) else value
        for name, value in vars(one).items()
        if value is not None and value != ""
    }


def policy_fields(policy: Policy) -> dict[str, Said]:
    return {
        "timezone": policy.timezone,
        "week_start": policy.week_start.value,
        "review_at": str(policy.review_at),
        "thresholds": list(policy.thresholds),
        "acknowledge_hours": list(policy.acknowledge_hours),
        "quiet_hours": str(policy.quiet_hours),
        "digest_at": f"{policy.digest_at:%H:%M}" if policy.digest_at else "none",
        "anomaly_over": policy.anomaly_over,
        "finance_over": policy.finance_over,
        "expedited_over": policy.expedited_over,
        "request_expires_hours": policy.request_expires_hours,
        "request_reminder_hours": list(policy.request_reminder_hours),
        "request_escalates_hours": policy.request_escalates_hours,
        "small_raise_up_to": policy.small_raise_up_to,
        "small_raises_a_month": policy.small_raises_a_month,
        "largest_raise": dict(vars(policy.largest_raise)),
        "longest_raise_days": dict(vars(policy.longest_raise_days)),
        "break_glass_up_to": policy.break_glass_up_to,
        "review_reminder_hours": list(policy.review_reminder_hours),
        "review_escalates_hours": policy.review_escalates_hours,
    }


def team_fields(team: Team) -> dict[str, Said]:
    return {
        "key": team.key,
        "name": team.name,
        "channel": team.channel,
        "timezone": team.timezone,
        "approver": team.approver,
        "business_unit": team.business_unit,
    }


def workflow_fields(workflow: Workflow) -> dict[str, Said]:
    """`None` and `""` where there is nothing to say."""
    return {
        "key": workflow.key,
        "name": workflow.name,
        "team": workflow.team,
        "owner": workflow.owner,
        "backup": workflow.backup,
        "approver": workflow.approver,
        "channel": workflow.channel,
        "class": workflow.kind.value,
        "tool": workflow.tool,
        "purpose": workflow.purpose.value,
        **{f"{kind}_cap": workflow.caps.of(kind) for kind in CapKind},
        "soft_limit": workflow.soft_limit,
        "hard_limit": workflow.hard_limit,
        "tier": workflow.tier.value,
        "escalation_tier": workflow.escalation_tier and workflow.escalation_tier.value,
        "success_metric": metric_fields(workflow.success_metric),
        "review_date": workflow.review_date,
        "last_review_date": workflow.last_review_date,
        "ends_on": workflow.ends_on,
        "exception_rule": workflow.exception_rule,
        "enforcement": workflow.enforcement and workflow.enforcement.value,
        "thresholds": None if workflow.thresholds is None else list(workflow.thresholds),
        "status": workflow.status.value,
    }


def rule_fields(rule: Rule) -> dict[str, Said]:
    """One rule, by what it looks at."""
    return {rule.clue.value: rule.pattern, "workflow": rule.workflow}


def metric_fields(metric: SuccessMetric | None) -> dict[str, Said] | None:
    if metric is None:
        return None
    return {
        "name": metric.name,
        "target": metric.target,
        "value_per_unit": metric.value_per_unit,
    }


def number_text(amount: Decimal) -> str:
    """As the file writes it: `250`, `250.50`, never an exponent."""
    text = f"{amount:f}"
    whole, _, rest = text.partition(".")
    rest = rest.rstrip("0")
    return f"{whole}.{rest:0<2}" if rest else whole


def as_json(fields: Mapping[str, Said]) -> dict[str, Any]:
    """For the audit trail; of the organisation and of teams, which have no dates."""
    return {name: _as_json(value) for name, value in fields.items()}


def _as_json(value: Said) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return as_json(value)
    if isinstance(value, list):
        return [_as_json(each) for each in value]
    return number_text(value) if isinstance(value, Decimal) else value
