"""The contract as a form: the fields of each class, filled in and read back.

A form's values are texts by field name, as Slack gives them; None where nothing was entered.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from bot.cards.terms import ENFORCED, ONLY_ALERTS
from bot.names import tidy
from bot.notices import Block
from bot.periods import CapKind
from bot.teams import Team
from bot.workflows import KEY_RULE, Enforcement, Kind, Purpose, Tier, Workflow
from handlers.slack.forms import choice_input, date_input, person_input, text_input

Values = dict[str, Any]

_CAPS = ("weekly_cap", "monthly_cap", "daily_cap", "total_cap")
_METRIC = ("success_metric", "metric_target", "metric_value")
_WHO = ("name", "team", "owner", "backup", "tool", "purpose")
_LIMITS = ("tier", "escalation_tier", "soft_limit", "hard_limit", "thresholds")

SHOWN = {
    Kind.EXPERIMENT: (*_WHO, *_CAPS, "ends_on", *_METRIC, *_LIMITS),
    Kind.TEAM_TOOL: (*_WHO, *_CAPS, "review_date", "approver", "enforcement", *_LIMITS),
    Kind.PRODUCTION: (
        *_WHO,
        *_CAPS,
        "review_date",
        *_METRIC,
        "exception_rule",
        "approver",
        "enforcement",
        *_LIMITS,
    ),
}

# Without these there is nothing to look at; what else its class needs may follow later.
_ASKED_AT_ONCE = {
    Kind.EXPERIMENT: {"ends_on"},
    Kind.TEAM_TOOL: {"weekly_cap", "monthly_cap", "review_date"},
    Kind.PRODUCTION: {"weekly_cap", "monthly_cap", "review_date"},
}

# Slack takes a hundred choices.
SELECTABLE = 100

_PLAIN = (
    *("key", "name", "team", "owner", "backup", "kind", "tool", "purpose", "ends_on"),
    *("review_date", "exception_rule", "approver", "enforcement"),
    *("tier", "escalation_tier", "soft_limit", "hard_limit"),
)

_BEFORE_ACTIVE = "May be empty while it is proposed; needed before it becomes active."
_HINTS = {
    (Kind.EXPERIMENT, "monthly_cap"): "An experiment needs a monthly cap or a total one.",
    (Kind.EXPERIMENT, "total_cap"): "Counts from activation on and never starts again.",
    (Kind.PRODUCTION, "success_metric"): _BEFORE_ACTIVE,
    (Kind.PRODUCTION, "exception_rule"): _BEFORE_ACTIVE,
    (Kind.PRODUCTION, "metric_target"): "Without it, reviews cannot say whether it was met.",
    (Kind.PRODUCTION, "metric_value"): "Without it, reviews cannot set the worth beside the cost.",
    (Kind.PRODUCTION, "enforcement"): f"{ONLY_ALERTS} {_BEFORE_ACTIVE}",
    (Kind.TEAM_TOOL, "enforcement"): ONLY_ALERTS,
}
_MONEY = {"limit": 40, "placeholder": "for example 250 or 1,250.50"}
_PER_CENT = {"limit": 10}


def _labels(members: type[Kind | Purpose | Tier | Enforcement]) -> list[tuple[str, str]]:
    return [(one.value, one.value.replace("_", " ").capitalize()) for one in members]


@dataclass(frozen=True)
class Field:
    """One input: what it is called, how it is made, and what goes with it."""

    label: str
    make: Callable[..., Block] = text_input
    extra: Values = field(default_factory=dict)


FIELDS = {
    "name": Field("Name", extra={"limit": 300}),
    "owner": Field("Owner: answers for the bill", person_input),
    "backup": Field("Backup: acts when the owner is away", person_input),
    "tool": Field("Tool", extra={"limit": 200, "placeholder": "for example Claude Code"}),
    "purpose": Field("Purpose", choice_input, {"choices": _labels(Purpose)}),
    "daily_cap": Field("Daily cap in USD: the breaker", extra=_MONEY),
    "weekly_cap": Field("Weekly cap in USD", extra=_MONEY),
    "monthly_cap": Field("Monthly cap in USD", extra=_MONEY),
    "total_cap": Field("Total cap in USD", extra=_MONEY),
    "ends_on": Field("Last day of the experiment", date_input),
    "review_date": Field("Review date", date_input),
    "success_metric": Field(
        "Success metric", extra={"limit": 200, "placeholder": "for example accepted pull requests"}
    ),
    "metric_target": Field("Target: how many of them", extra={"limit": 20}),
    "metric_value": Field("Value of one in USD", extra=_MONEY),
    "exception_rule": Field(
        "Exception rule: when may it get more?", extra={"limit": 1_000, "long": True}
    ),
    "approver": Field("Approver", person_input, {"hint": "Empty: the team's approver."}),
    "enforcement": Field(
        "At the hard limit",
        choice_input,
        {"choices": [(one.value, ENFORCED[one]) for one in Enforcement]},
    ),
    "tier": Field("Default model tier", choice_input, {"choices": _labels(Tier)}),
    "escalation_tier": Field("Escalation tier", choice_input, {"choices": _labels(Tier)}),
    "soft_limit": Field("Soft limit: warns, per cent of a cap", extra=_PER_CENT),
    "hard_limit": Field("Hard limit: acts, per cent of a cap", extra=_PER_CENT),
    "thresholds": Field("Alert thresholds, per cents", extra={"limit": 60}),
}


def contract_fields(kind: Kind, values: Values, teams: Sequence[Team]) -> list[Block]:
    """The inputs of a class, holding what was entered or stored before."""
    required = {"name", "team", "owner", *_ASKED_AT_ONCE[kind]}
    return [
        _input(name, kind, values.get(name), teams, optional=name not in required)
        for name in SHOWN[kind]
    ]


def kind_field(kind: Kind) -> Block:
    """Choosing another class shows that class's fields at once."""
    return choice_input("kind", "Class", _labels(Kind), kind.value, radio=True, live=True)


def key_field(key: str | None) -> Block:
    return text_input(
        "key",
        "Key",
        key,
        hint=f"Names it for people and machines, and never changes: {KEY_RULE}.",
        placeholder="search-ranking",
        limit=63,
    )


def reason_field(reason: str | None) -> Block:
    hint = "Needed when a cap goes up: whoever approves it reads this."
    return text_input("reason", "Reason", reason, hint=hint, optional=True, long=True, limit=500)


def _input(
    name: str, kind: Kind, value: str | None, teams: Sequence[Team], *, optional: bool
) -> Block:
    if name == "team":
        return _team(value, teams)
    wanted = FIELDS[name]
    extra: Values = {"hint": _HINTS.get((kind, name)), **wanted.extra}
    if "limit" in extra:
        # A longer text of the contract file is not cut by opening the form.
        extra["limit"] = max(extra["limit"], len(value or ""))
    if wanted.make is choice_input:
        return choice_input(
            name, wanted.label, extra.pop("choices"), value, optional=optional, **extra
        )
    held = date.fromisoformat(value) if value and wanted.make is date_input else value
    return wanted.make(name, wanted.label, held, optional=optional, **extra)


def _team(chosen: str | None, teams: Sequence[Team]) -> Block:
    if len(teams) > SELECTABLE:
        return text_input("team", "Team", chosen, hint="The team's key.", limit=100)
    choices = [(team.key, tidy(team.name) or team.key) for team in teams]
    return choice_input("team", "Team", choices, chosen)


def values_of(workflow: Workflow) -> Values:
    """What the form holds for a stored contract."""
    metric = workflow.success_metric
    plain = {name: getattr(workflow, name) for name in _PLAIN}
    caps = {f"{kind}_cap": workflow.caps.of(kind) for kind in CapKind}
    measured = {
        "success_metric": metric and metric.name,
        "metric_target": metric and metric.target,
        "metric_value": metric and metric.value_per_unit,
    }
    thresholds = ", ".join(map(str, workflow.thresholds or ()))
    held = {**plain, **caps, **measured, "thresholds": thresholds}
    return {name: _text(value) for name, value in held.items()}


def _text(value: Any) -> str | None:  # noqa: ANN401
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return None if value in (None, "") else str(value)
