"""Read a contract file whole: every value, or everything that is wrong with its place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ruamel.yaml.nodes import Node

from bot.addresses import Directory, is_channel, is_person
from bot.contract import VERSION, BadContract, Contract, Entry
from bot.periods import CapKind, WeekStart
from bot.policy import PerClass, Policy
from bot.policy import checked as checked_policy
from bot.refusal import Refusal
from bot.teams import Team
from bot.workflows import Caps, Enforcement, Kind, Purpose, Status, SuccessMetric, Tier, Workflow
from handlers.files.attribution import rule_entry
from handlers.files.fields import (
    amount,
    clock_time,
    day,
    hours,
    key,
    moment,
    name,
    one_of,
    quiet,
    thresholds,
    whole,
    zone,
)
from handlers.files.nodes import compose, place_of, text_of
from handlers.files.sheet import Sheet
from handlers.files.spending import own_price, source_setting, tier_rules

Readers = Mapping[str, Callable[[Node], Any]]

_POLICY: Readers = {
    "timezone": zone,
    "week_start": one_of(WeekStart),
    "review_at": moment,
    "thresholds": thresholds,
    "acknowledge_hours": hours,
    "quiet_hours": quiet,
    "digest_at": clock_time,
    "anomaly_over": amount,
    "finance_over": amount,
    "expedited_over": amount,
    "request_expires_hours": whole,
    "request_reminder_hours": hours,
    "request_escalates_hours": whole,
    "small_raise_up_to": amount,
    "small_raises_a_month": whole,
    "break_glass_up_to": amount,
    "review_reminder_hours": hours,
    "review_escalates_hours": whole,
}
_EACH_CLASS: Readers = {kind.value: amount for kind in Kind}
_METRIC: Readers = {"name": name, "target": amount, "value_per_unit": amount}
_WORKFLOW: Readers = {
    "key": key,
    "name": name,
    "team": key,
    "class": one_of(Kind),
    "tool": text_of,
    "purpose": one_of(Purpose),
    **{f"{kind}_cap": amount for kind in CapKind},
    "soft_limit": whole,
    "hard_limit": whole,
    "tier": one_of(Tier),
    "escalation_tier": one_of(Tier),
    "review_date": day,
    "last_review_date": day,
    "ends_on": day,
    "exception_rule": text_of,
    "enforcement": one_of(Enforcement),
    "thresholds": thresholds,
    "status": one_of(Status),
}
_SECTIONS = ("finance", "admin_channel", "policy", "sources", "prices", "tiers")
_NOT_ASKED = (
    "has to be looked up in Slack: set BUDGET_BOT_SLACK_BOT_TOKEN, or write the id Slack shows"
)


def read_contract(content: bytes | str) -> Contract:
    """For a file that names people and channels by their ids. Raises BadContract."""
    contract = read_document(compose(content), Directory())
    if contract.problems:
        raise BadContract(contract.problems)
    return contract


def read_document(document: Node, directory: Directory) -> Contract:
    """The contract carries its problems; what is faulty is left out. Raises BadContract."""
    return _Reading(directory).contract(document)


@dataclass
class _Reading:
    directory: Directory
    sheet: Sheet = field(default_factory=Sheet)
    wanted: set[str] = field(default_factory=set)

    def contract(self, document: Node) -> Contract:
        readers: Readers = {
            "version": _version,
            "finance": self._people,
            "admin_channel": self._channel,
            "policy": self._policy,
            "sources": lambda node: self._each(node, "sources", source_setting),
            "prices": lambda node: self._each(node, "prices", own_price),
            "tiers": partial(tier_rules, self.sheet),
            "attribution": lambda node: self._each(node, "attribution", rule_entry),
            "teams": lambda node: self.sheet.each(node, "teams", self._team),
            "workflows": lambda node: self.sheet.each(node, "workflows", self._entry),
        }
        top = self.sheet.fields(document, "", readers, required=("version",))
        return Contract(
            {section: top[section] for section in _SECTIONS if section in top},
            top.get("teams", ()),
            top.get("workflows", ()),
            tuple(self.sheet.problems),
            frozenset(self.wanted),
            top.get("attribution"),
        )

    def _each(self, node: Node, section: str, read: Callable[..., Any]) -> tuple[Any, ...]:
        return self.sheet.each(node, section, partial(read, self.sheet))

    def _policy(self, node: Node) -> Policy:
        readers: Readers = {
            **_POLICY,
            "largest_raise": lambda inner: self._each_class(inner, "policy.largest_raise"),
            "longest_raise_days": lambda inner: self._each_class(
                inner, "policy.longest_raise_days"
            ),
        }
        return checked_policy(Policy(**self.sheet.fields(node, "policy", readers)))

    def _each_class(self, node: Node, where: str) -> PerClass | None:
        values = self.sheet.fields(node, where, _EACH_CLASS, required=tuple(_EACH_CLASS))
        return PerClass(**values) if len(values) == len(_EACH_CLASS) else None

    def _team(self, node: Node, where: str) -> Team | None:
        readers: Readers = {
            "key": key,
            "name": name,
            "channel": self._channel,
            "timezone": zone,
            "approver": self._person,
            "business_unit": name,
        }
        values = self.sheet.fields(node, where, readers, required=("key", "name", "channel"))
        if "key" not in values:
            return None
        self.sheet.once("teams", values["key"], place_of(node))
        # A faulty team is there all the same: what names it is not wrong as well.
        return Team(**{"name": "", "channel": "", **values})

    def _entry(self, node: Node, where: str) -> Entry | None:
        known = len(self.sheet.problems)
        readers: Readers = {
            **_WORKFLOW,
            "owner": self._person,
            "backup": self._person,
            "approver": self._person,
            "channel": self._channel,
            "success_metric": lambda inner: self._metric(inner, where),
        }
        values = self.sheet.fields(node, where, readers, required=("key", "name", "team"))
        if "key" in values:
            self.sheet.once("workflows", values["key"], place_of(node))
        if len(self.sheet.problems) > known:
            return None
        status = values.pop("status", None)
        return Entry(_workflow(values), status, self.sheet.places(node))

    def _metric(self, node: Node, where: str) -> SuccessMetric | None:
        path = f"{where}.success_metric"
        values = self.sheet.fields(node, path, _METRIC, required=("name",))
        return SuccessMetric(**values) if "name" in values else None

    def _people(self, node: Node) -> tuple[str, ...]:
        people = self.sheet.each(node, "finance", lambda item, _: self._person(item))
        return tuple(dict.fromkeys(people))

    def _person(self, node: Node) -> str:
        text = text_of(node)
        if is_person(text):
            return self._known(text)
        if "@" not in text:
            raise Refusal(f"“{text[:60]}” is no person: write U012ABCDEF or ana@example.com")
        return self._looked_up(text.strip().lower())

    def _channel(self, node: Node) -> str:
        text = text_of(node)
        if is_channel(text):
            return text
        if not text.startswith("#"):
            raise Refusal(f"“{text[:60]}” is no channel: write C012ABCDEF, or '#name' in quotes")
        return self._looked_up(text.strip().lower())

    def _known(self, person: str) -> str:
        """An id is taken as it stands, unless Slack said why not."""
        self.wanted.add(person)
        if person in self.directory.reasons:
            raise Refusal(f"{person} {self.directory.reasons[person]}")
        return person

    def _looked_up(self, address: str) -> str:
        self.wanted.add(address)
        if address not in self.directory.ids:
            reason = self.directory.reasons.get(address, _NOT_ASKED)
            raise Refusal(f"{address[:80]} {reason}")
        return self.directory.ids[address]


def _version(node: Node) -> int:
    if whole(node) != VERSION:
        raise Refusal(f"this release reads version {VERSION}")
    return VERSION


def _workflow(values: dict[str, Any]) -> Workflow:
    caps = Caps(**{kind.value: values.pop(f"{kind}_cap", None) for kind in CapKind})
    if "class" in values:
        values["kind"] = values.pop("class")
    return Workflow(**values, caps=caps)
