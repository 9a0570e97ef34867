"""What was entered in the contract form, read into a record. Every wrong field is said at once."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from bot.edits import Wrong
from bot.money import read_usd
from bot.names import quoted, slug, tidy, tidy_lines
from bot.periods import CapKind
from bot.policy import check_thresholds
from bot.refusal import Refusal
from bot.workflows import (
    HIGHEST_PER_CENT,
    KEY_PATTERN,
    KEY_RULE,
    Enforcement,
    Kind,
    NotARecord,
    Purpose,
    SuccessMetric,
    Tier,
    Workflow,
)

Values = Mapping[str, Any]
_METRIC = ("success_metric", "metric_target", "metric_value")


@dataclass(frozen=True)
class Entries:
    """`contract` holds what could be read, `wrong` says what could not."""

    contract: Workflow
    wrong: tuple[Refusal, ...]


def read_contract(values: Values, base: Workflow) -> Workflow:
    """`base` with what was entered; a field the form does not show stays. Raises Wrong."""
    entries = read_entries(values, base)
    if entries.wrong:
        raise Wrong(entries.wrong)
    return entries.contract


def read_entries(values: Values, base: Workflow) -> Entries:
    """As far as it can be read."""
    read: dict[str, Any] = {}
    wrong: list[Refusal] = []
    for name in (one for one in values if one in _READERS):
        try:
            read[name] = _read(name, values[name])
        except Refusal as refusal:
            wrong.append(Refusal(str(refusal), field=name))
            read |= {name: _UNREAD[name]} if name in _UNREAD else {}
    wrong += _lacking(values)
    return Entries(_filled(read, base), tuple(wrong))


def _filled(read: dict[str, Any], base: Workflow) -> Workflow:
    caps = {kind.value: read.pop(f"{kind}_cap") for kind in CapKind if f"{kind}_cap" in read}
    filled = replace(base, caps=replace(base.caps, **caps))
    if "success_metric" in read:
        name, target, value = (read.pop(one, None) for one in _METRIC)
        metric = SuccessMetric(name, target, value) if name else None
        filled = replace(filled, success_metric=metric)
    return replace(filled, **read)


def _read(name: str, entered: str | None) -> Any:  # noqa: ANN401 - the field's own type
    if not entered or not tidy(entered):
        return _EMPTY.get(name)
    try:
        return _READERS[name](entered)
    except ValueError as error:
        raise Refusal("Choose one of what is offered.") from error


def _lacking(values: Values) -> list[Refusal]:
    """What no single field can say of itself."""
    found: list[Refusal] = []
    if values.get("kind") == Kind.EXPERIMENT and not _any(values, "monthly_cap", "total_cap"):
        needs = "An experiment needs a monthly cap or a total cap."
        found.append(NotARecord(needs, field="monthly_cap"))
    if _any(values, "metric_target", "metric_value") and not values.get("success_metric"):
        found.append(NotARecord("Name what is counted.", field="success_metric"))
    return found


def _any(values: Values, *names: str) -> bool:
    return any(values.get(name) for name in names)


def _key(text: str) -> str:
    if KEY_PATTERN.match(text):
        return text
    near = slug(text)
    hint = f" Try {near}." if near else ""
    raise NotARecord(f"{quoted(text)} is no key: use {KEY_RULE}.{hint}")


def _number(text: str) -> Decimal:
    plain = text.replace(",", "").replace(" ", "")
    if not re.fullmatch(r"\d{1,12}(\.\d{1,6})?", plain, re.ASCII):
        raise NotARecord(f"{quoted(text)} is no number. Write it like 40.")
    return Decimal(plain)


def _per_cent(text: str) -> int:
    written = re.fullmatch(r"(\d{1,4})\s*%?", text, re.ASCII)
    if written is None:
        raise NotARecord(f"{quoted(text)} is no whole per cent. Write it like 90.")
    return int(written[1])


def _thresholds(text: str) -> tuple[int, ...]:
    if not re.fullmatch(r"\s*\d{1,4}\s*%?(?:[\s,;]+\d{1,4}\s*%?)*\s*", text, re.ASCII):
        raise NotARecord("Write whole per cents like 75, 90, 100.")
    return check_thresholds(tuple(map(int, re.findall(r"\d+", text))))


# What could not be read contradicts nothing else.
_UNREAD: dict[str, Any] = {
    **{f"{kind}_cap": None for kind in CapKind},
    "soft_limit": 1,
    "hard_limit": HIGHEST_PER_CENT,
}

_READERS: dict[str, Callable[[str], Any]] = {
    "key": _key,
    "kind": Kind,
    "name": tidy,
    "team": tidy,
    "owner": str,
    "backup": str,
    "approver": str,
    "tool": tidy,
    "purpose": Purpose,
    "daily_cap": read_usd,
    "weekly_cap": read_usd,
    "monthly_cap": read_usd,
    "total_cap": read_usd,
    "ends_on": date.fromisoformat,
    "review_date": date.fromisoformat,
    "success_metric": tidy,
    "metric_target": _number,
    "metric_value": read_usd,
    "exception_rule": tidy_lines,
    "enforcement": Enforcement,
    "tier": Tier,
    "escalation_tier": Tier,
    "soft_limit": _per_cent,
    "hard_limit": _per_cent,
    "thresholds": _thresholds,
}

# What stands for a field that is shown and left empty, where that is not None.
_EMPTY: dict[str, Any] = {
    "key": "",
    "name": "",
    "team": "",
    "tool": "",
    "exception_rule": "",
    "purpose": Purpose.OTHER,
    "tier": Tier.STANDARD,
    "soft_limit": 90,
    "hard_limit": 100,
    "kind": Kind.TEAM_TOOL,
}
