"""The contract's own words: what a field is called, and how its value is said."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.addresses import is_channel, is_person
from bot.cards.kit import clip, escape, named, said
from bot.labels import label
from bot.money import say
from bot.periods import CapKind, local_day, midnight
from bot.workflows import Caps, Enforcement, SuccessMetric, Workflow

_TICK = timedelta(microseconds=1)

A_PERIOD = {
    CapKind.DAILY: "a day",
    CapKind.WEEKLY: "a week",
    CapKind.MONTHLY: "a month",
    CapKind.TOTAL: "in total",
}

# What the bot can do and what it can only say: it never claims more.
ENFORCED = {
    None: "not decided",
    Enforcement.ALERT: "alert – it tells people and stops nothing",
    Enforcement.DOWNGRADE: "downgrade – not in this release: it only alerts",
    Enforcement.BLOCK: "block – not in this release: it only alerts",
}
ONLY_ALERTS = "In this release every choice only alerts."


def not_enforced(workflow: Workflow) -> str:
    """What a contract that asks for more than an alert does not get; '' for the others."""
    if workflow.enforcement in {None, Enforcement.ALERT}:
        return ""
    return f"The contract says {workflow.enforcement}; in this release it only alerts."


def caps_said(caps: Caps) -> str:
    """`$250.00 a week, $900.00 a month`."""
    return ", ".join(f"{say(cap)} {A_PERIOD[kind]}" for kind, cap in caps.present()) or "no caps"


def missing_said(names: Sequence[str]) -> str:
    """`review date, weekly cap`."""
    return ", ".join(label(name) for name in names)


def titled(workflow: Workflow) -> str:
    """A workflow in a sentence: its name, bold, and its key."""
    return f"*{named(workflow.name)}* (`{workflow.key}`)"


def day_said(day: date) -> str:
    return f"{day:%a %-d %b %Y}"


def begun_said(start: datetime, zone: str) -> str:
    """The day of the zone's calendar that begins then: the same one for every reader."""
    day = local_day(start, zone)
    return day_said(day) if midnight(day, zone) == start else said(start, zone)


def days_said(start: datetime, end: datetime, zone: str) -> str:
    """`Tue 24 Nov 2026 through Tue 1 Dec 2026`; one day alone stands for itself. Edges inside a
    day, as of a calendar that has changed, have their times.
    """
    first, last = local_day(start, zone), local_day(end - _TICK, zone)
    if (midnight(first, zone), midnight(last + timedelta(days=1), zone)) != (start, end):
        return f"{said(start, zone)} to {said(end, zone)}"
    return day_said(first) if first >= last else f"{day_said(first)} through {day_said(last)}"


def percents_said(thresholds: Sequence[int]) -> str:
    return f"{', '.join(map(str, thresholds))} %"


def metric_said(metric: SuccessMetric) -> str:
    parts = [named(metric.name)]
    if metric.target is not None:
        parts.append(f"target {metric.target:f}")
    if metric.value_per_unit is not None:
        parts.append(f"{say(metric.value_per_unit)} each")
    return ", ".join(parts)


def kept_said(field: str, value: Any) -> str:  # noqa: ANN401 - JSON out of the audit trail
    """A field of the audit trail, in words."""
    if value in (None, "", []):
        return "none"
    if field == "success_metric":
        return named(str(value.get("name", "")))
    if isinstance(value, list):
        return _list_said(field, value)
    return _plain_said(field, str(value))


def _list_said(field: str, values: list[Any]) -> str:
    if field == "calendars":
        return f"days of {escape(str(values[-1].get('zone', '')))}"
    return f"{', '.join(map(str, values))} %"


def _plain_said(field: str, value: str) -> str:
    if field == "enforcement" and value in {*map(str, Enforcement)}:
        return ENFORCED[Enforcement(value)]
    if field.endswith(("_cap", "_cap in force")):
        return say(Decimal(value))
    if field.endswith("_limit"):
        return f"{value} %"
    if field in {"owner", "backup", "approver", "keys with"} and is_person(value):
        return f"<@{value}>"
    if field == "channel" and is_channel(value):
        return f"<#{value}>"
    return _day(field, value) or escape(clip(value.replace("_", " "), 80))


def _day(field: str, value: str) -> str | None:
    if field not in {"review_date", "last_review_date", "ends_on", "retire_on"}:
        return None
    return day_said(date.fromisoformat(value))
