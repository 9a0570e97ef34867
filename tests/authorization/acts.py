"""Who may do what: each thing a person can do in Slack, and the roles that may.

A row for every command, button and form that the router knows.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.authorization.scene import (
    ADJUSTMENT,
    ALERTED,
    DELEGATION,
    DRAFT,
    FRESH,
    GLASS,
    PEOPLE,
    PROPOSED,
    QUESTION,
    REQUEST,
    REROUTED,
    RETIRED,
    RULE,
    RULE_CHANGE,
    RUNNING,
    SET_ASIDE,
    SMALL,
    SNOOZE,
    SNOOZED,
    STOPPED,
    item_of,
)
from tests.presses import Press

STRANGERS = frozenset({"guest", "deactivated", "of another workspace"})
MEMBERS = frozenset(PEOPLE) - STRANGERS
NOBODY: frozenset[str] = frozenset()
ADMIN = frozenset({"admin"})
OWNERS = frozenset({"owner", "backup"})
APPROVERS = frozenset({"approver", "stand-in"})
EDITORS = ADMIN | APPROVERS | OWNERS
FINANCIERS = ADMIN | {"finance"}
AGREEING = ADMIN | APPROVERS | {"owner"}

Ids = Mapping[str, str]
Pressing = Callable[[str, Ids], Press]


@dataclass(frozen=True)
class Act:
    """`may`: the roles. `looks`: it changes nothing and opens no form, for anybody; `silent`: nor
    says anything.
    """

    press: Pressing
    may: frozenset[str]
    looks: bool = False
    silent: bool = False


def typed(words: str) -> Pressing:
    return lambda user, _: Press(user, f"/budget {words}".rstrip())


def pressed(action: str, value: str = "-", within: str | None = None) -> Pressing:
    """`value` may name an id of the scene in braces. `within`: the form the button stands in."""
    return lambda user, ids: Press(user, action, value.format(**ids), within=within)


def sent(form: str, kept: Mapping[str, Any], **values: str) -> Pressing:
    """`kept`: what the form was opened with."""

    def press(user: str, ids: Ids) -> Press:
        private = {name: _filled(value, ids) for name, value in kept.items()}
        entered = tuple(values.items())
        return Press(user, form, private=json.dumps(private), values=entered)

    return press


def _filled(value: Any, ids: Ids) -> Any:
    return value.format(**ids) if isinstance(value, str) else value


HERE = {"channel": "C0SEARCH"}
ASKING = {
    "workflow": RUNNING,
    "cap": "monthly",
    "amount": "100",
    "until": "period",
    "reason": "Launch.",
    "outcome": "p95",
    "target": "2 s",
}
CONTRACT = {
    "kind": "team_tool",
    "key": "new-one",
    "name": "New one",
    "team": "search",
    "owner": PEOPLE["owner"],
    "purpose": "coding",
    "tier": "standard",
    "weekly_cap": "100",
    "monthly_cap": "400",
}
ITEM = item_of(RUNNING)
ON_ALERT = f"{ALERTED}|{{alert}}"
OF_ALERT = {"id": "a-1", "workflow": ALERTED, "notice": "{alert}", **HERE}
OF_REQUEST = {"request": REQUEST, **HERE}
OF_AMENDED = {**OF_REQUEST, "fixed": {"workflow": RUNNING, "cap": "weekly"}}
OF_ITEM = {"item": ITEM, **HERE}

KEEPERS = frozenset({"admin", "finance"})
ADJUSTED = {
    "workflow": RUNNING,
    "amount": "-120",
    "day": "2026-11-23",
    "reason": "A credit.",
}
OF_RULE = {
    **HERE,
    "before": None,
    "after": ["key", "prod-*", RUNNING],
    "reach": "open",
    "found": "{found}",
}

COMMANDS = {
    "help": Act(typed("help"), MEMBERS, looks=True),
    "status": Act(typed("status"), MEMBERS, looks=True),
    "show": Act(typed(f"show {RUNNING}"), MEMBERS, looks=True),
    "list": Act(typed("list"), MEMBERS, looks=True),
    "why": Act(typed(f"why {RUNNING}"), MEMBERS, looks=True),
    "history": Act(typed(f"history {RUNNING}"), MEMBERS, looks=True),
    "requests": Act(typed("requests"), MEMBERS, looks=True),
    "deliveries": Act(typed("deliveries"), MEMBERS, looks=True),
    "whose": Act(typed("whose"), MEMBERS, looks=True),
    "sources": Act(typed("sources"), MEMBERS, looks=True),
    "rules": Act(typed("rules"), MEMBERS, looks=True),
    "gaps": Act(typed("gaps"), MEMBERS, looks=True),
    "register": Act(typed("register"), MEMBERS),
    "request": Act(typed(f"request {RUNNING}"), MEMBERS),
    "settings": Act(typed("settings"), MEMBERS),
    "away": Act(typed("away to 4 Dec"), MEMBERS),
    "edit": Act(typed(f"edit {RUNNING}"), EDITORS),
    "pause": Act(typed(f"pause {RUNNING}"), EDITORS),
    "resume": Act(typed(f"resume {STOPPED}"), EDITORS),
    "activate": Act(typed(f"activate {PROPOSED}"), AGREEING),
    "retire": Act(typed(f"retire {RUNNING}"), AGREEING),
    "reassign": Act(typed(f"reassign {RUNNING}"), EDITORS),
    "break-glass": Act(typed(f"break-glass {RUNNING}"), EDITORS),
    "expedite": Act(typed(f"expedite {RUNNING} It pays back."), ADMIN),
    "reconcile": Act(typed("reconcile"), FINANCIERS, looks=True),
    "adjust": Act(typed(f"adjust {RUNNING} -120"), FINANCIERS),
    "test-alert": Act(typed(f"test-alert {RUNNING}"), EDITORS),
    "delegate": Act(typed("delegate"), ADMIN | OWNERS | APPROVERS | {"finance"}),
    "review": Act(typed("review now"), ADMIN, looks=True),
}

BUTTONS = {
    "home.refresh": Act(pressed("home.refresh"), MEMBERS, looks=True),
    "home.request": Act(pressed("home.request"), MEMBERS),
    "home.register": Act(pressed("home.register"), MEMBERS),
    "home.show": Act(pressed("home.show", RUNNING), MEMBERS, looks=True),
    "workflow": Act(pressed("workflow", RUNNING, "request.form"), MEMBERS),
    "kind": Act(pressed("kind", "experiment", "workflow.register"), MEMBERS),
    "workflow.show": Act(pressed("workflow.show", RUNNING), MEMBERS, looks=True),
    "workflow.list": Act(pressed("workflow.list", "0"), MEMBERS, looks=True),
    "workflow.mine": Act(pressed("workflow.mine", "0"), MEMBERS, looks=True),
    "workflow.why": Act(pressed("workflow.why", RUNNING), MEMBERS, looks=True),
    "workflow.history": Act(pressed("workflow.history", f"0 {RUNNING}"), MEMBERS, looks=True),
    "workflow.edit": Act(pressed("workflow.edit", RUNNING), EDITORS),
    "workflow.activate": Act(pressed("workflow.activate", PROPOSED), AGREEING),
    "workflow.reassign": Act(pressed("workflow.reassign", RUNNING), EDITORS),
    "workflow.pause": Act(pressed("workflow.pause", RUNNING), EDITORS),
    "workflow.resume": Act(pressed("workflow.resume", STOPPED), EDITORS),
    "workflow.retire": Act(pressed("workflow.retire", RUNNING), AGREEING),
    "workflow.keep": Act(pressed("workflow.keep", "ending"), AGREEING),
    "alert.seen": Act(pressed("alert.seen", ON_ALERT), EDITORS),
    "alert.drop": Act(pressed("alert.drop", f"{ON_ALERT}|standard"), EDITORS),
    "alert.undo": Act(pressed("alert.undo", "{drop}"), EDITORS),
    "alert.explain": Act(pressed("alert.explain", ON_ALERT), EDITORS),
    "alert.snooze": Act(pressed("alert.snooze", ON_ALERT), EDITORS),
    "alert.wake": Act(pressed("alert.wake", f"{SNOOZED}|{{snoozed}}|{SNOOZE}"), EDITORS),
    "raise.take_back": Act(pressed("raise.take_back", SMALL), APPROVERS),
    "owner.name": Act(pressed("owner.name", QUESTION), ADMIN | APPROVERS),
    "owner.confirm": Act(pressed("owner.confirm", QUESTION), ADMIN | APPROVERS),
    "draft.open": Act(pressed("draft.open", DRAFT), OWNERS),
    "draft.dismiss": Act(pressed("draft.dismiss", DRAFT), OWNERS),
    "request.open": Act(pressed("request.open", f"{RUNNING}|weekly"), MEMBERS),
    "request.approve": Act(pressed("request.approve", REQUEST), APPROVERS),
    "request.less": Act(pressed("request.less", REQUEST), APPROVERS),
    "request.ask": Act(pressed("request.ask", REQUEST), APPROVERS),
    "request.deny": Act(pressed("request.deny", REQUEST), APPROVERS),
    "request.withdraw": Act(pressed("request.withdraw", REQUEST), frozenset({"requester"})),
    "request.amend": Act(pressed("request.amend", REQUEST), frozenset({"requester"})),
    "requests.show": Act(pressed("requests.show", "0"), MEMBERS, looks=True),
    "requests.approve": Act(pressed("requests.approve", REQUEST), APPROVERS),
    "requests.less": Act(pressed("requests.less", REQUEST), APPROVERS),
    "requests.ask": Act(pressed("requests.ask", REQUEST), APPROVERS),
    "requests.deny": Act(pressed("requests.deny", REQUEST), APPROVERS),
    "requests.withdraw": Act(pressed("requests.withdraw", REQUEST), frozenset({"requester"})),
    "requests.amend": Act(pressed("requests.amend", REQUEST), frozenset({"requester"})),
    "review.keep": Act(pressed("review.keep", ITEM), EDITORS),
    "review.cap": Act(pressed("review.cap", ITEM), EDITORS),
    "review.reroute": Act(pressed("review.reroute", ITEM), EDITORS),
    "review.retire": Act(pressed("review.retire", ITEM), EDITORS),
    "review.undo": Act(pressed("review.undo", item_of(REROUTED)), frozenset({"owner"})),
    "review.cap_weekly": Act(pressed("review.cap_weekly", f"{ITEM}|100"), EDITORS),
    "review.cap_monthly": Act(pressed("review.cap_monthly", f"{ITEM}|600"), EDITORS),
    "review.retire_sure": Act(pressed("review.retire_sure", f"{ITEM}|2026-11-30"), EDITORS),
    "review.leave": Act(pressed("review.leave", f"{ITEM}|2026-11-30"), EDITORS, True, silent=True),
    "reassignment.open": Act(pressed("reassignment.open", ITEM), EDITORS),
    "reassignment.accept": Act(pressed("reassignment.accept", "{offer}"), frozenset({"offered"})),
    "reassignment.decline": Act(pressed("reassignment.decline", "{offer}"), frozenset({"offered"})),
    "reassignment.withdraw": Act(pressed("reassignment.withdraw", "{offer}"), EDITORS),
    "first_review.expand": Act(pressed("first_review.expand", FRESH), EDITORS),
    "first_review.cut": Act(pressed("first_review.cut", FRESH), EDITORS),
    "first_review.change": Act(pressed("first_review.change", FRESH), EDITORS),
    "first_review.fine": Act(pressed("first_review.fine", FRESH), EDITORS),
    "revocation.done": Act(pressed("revocation.done", RETIRED), AGREEING),
    "revocation.assign": Act(pressed("revocation.assign", RETIRED), AGREEING),
    "break_glass.right": Act(pressed("break_glass.right", GLASS), APPROVERS | {"finance"}),
    "break_glass.wrong": Act(pressed("break_glass.wrong", GLASS), APPROVERS | {"finance"}),
    "outcome.yes": Act(pressed("outcome.yes", REQUEST), OWNERS | {"requester"}),
    "outcome.partly": Act(pressed("outcome.partly", REQUEST), OWNERS | {"requester"}),
    "outcome.no": Act(pressed("outcome.no", REQUEST), OWNERS | {"requester"}),
    "outcome.correct": Act(pressed("outcome.correct", REQUEST), OWNERS | {"requester"}),
    "delegation.end": Act(
        pressed("delegation.end", DELEGATION, "delegation.form"), ADMIN | APPROVERS
    ),
    "delivery.list": Act(pressed("delivery.list", "0"), MEMBERS, looks=True),
    "delivery.again": Act(pressed("delivery.again", SET_ASIDE), ADMIN),
    "settings.open": Act(pressed("settings.open"), MEMBERS),
    "whose.list": Act(pressed("whose.list", "person 0"), MEMBERS, looks=True),
    "sources.list": Act(pressed("sources.list", "0"), MEMBERS, looks=True),
    "rules.list": Act(pressed("rules.list", "0"), MEMBERS, looks=True),
    "rule.new": Act(pressed("rule.new", RULE.replace("search-*", "new")), KEEPERS),
    "rule.edit": Act(pressed("rule.edit", RULE), KEEPERS),
    "rule.up": Act(pressed("rule.up", RULE, "rule.form"), KEEPERS),
    "rule.down": Act(pressed("rule.down", RULE, "rule.form"), KEEPERS),
    "rule.remove": Act(pressed("rule.remove", RULE, "rule.form"), KEEPERS),
    "rule.undo": Act(pressed("rule.undo", RULE_CHANGE), KEEPERS),
    "reconcile.days": Act(pressed("reconcile.days", "2026-11 0 openai"), FINANCIERS, looks=True),
    "reconcile.lines": Act(pressed("reconcile.lines", "2026-11 0 openai"), FINANCIERS, looks=True),
    "reconcile.day": Act(pressed("reconcile.day", "2026-11-16 0 openai"), FINANCIERS, looks=True),
    "adjustment.undo": Act(pressed("adjustment.undo", ADJUSTMENT), FINANCIERS),
    "adjustment.list": Act(pressed("adjustment.list", "0"), MEMBERS, looks=True),
}

FORMS = {
    "rule.form": Act(
        sent("rule.form", HERE, clue="key", pattern="prod-*", workflow=RUNNING, reach="open"),
        KEEPERS,
    ),
    "rule.preview": Act(sent("rule.preview", OF_RULE), KEEPERS),
    "adjustment.form": Act(
        sent(
            "adjustment.form",
            {"id": "adjustment-2", **HERE},
            **ADJUSTED | {"amount": "120"},
        ),
        FINANCIERS,
    ),
    "adjustment.sure": Act(
        sent("adjustment.sure", {"id": "adjustment-3", **HERE, "entered": ADJUSTED}), FINANCIERS
    ),
    "request.form": Act(sent("request.form", {"id": "r-new", **HERE}, **ASKING), MEMBERS),
    "request.preview": Act(sent("request.preview", {"id": "r-new", **HERE, **ASKING}), MEMBERS),
    "request.deny": Act(sent("request.deny", OF_REQUEST, reason="Not now."), APPROVERS),
    "request.less": Act(
        sent("request.less", OF_REQUEST, amount="50", until="period", reason="Half."), APPROVERS
    ),
    "request.ask": Act(sent("request.ask", OF_REQUEST, question="Why now?"), APPROVERS),
    "request.amend": Act(
        sent("request.amend", OF_AMENDED, **{**ASKING, "cap": "weekly", "amount": "90"}),
        frozenset({"requester"}),
    ),
    "request.amend_sure": Act(
        sent("request.amend_sure", {**OF_REQUEST, **ASKING, "cap": "weekly", "amount": "90"}),
        frozenset({"requester"}),
    ),
    "alert.explain": Act(sent("alert.explain", OF_ALERT, text="A migration."), EDITORS),
    "alert.snooze": Act(sent("alert.snooze", OF_ALERT, days="3"), EDITORS),
    "review.cap": Act(sent("review.cap", OF_ITEM, cap="weekly", amount="100"), EDITORS),
    "review.reroute": Act(sent("review.reroute", OF_ITEM, tier="cheap"), EDITORS),
    "review.retire": Act(
        sent("review.retire", OF_ITEM, retire_on="2026-11-30"), MEMBERS, looks=True
    ),
    "review.retire_sure": Act(
        sent("review.retire_sure", {**OF_ITEM, "retire_on": "2026-11-30"}), EDITORS
    ),
    "reassignment.form": Act(
        sent("reassignment.form", {"key": RUNNING, **HERE}, to=PEOPLE["colleague"]), EDITORS
    ),
    "reassignment.decline": Act(
        sent("reassignment.decline", {"offer": "{offer}", **HERE}, reason="No time."),
        frozenset({"offered"}),
    ),
    "first_review.cut": Act(
        sent("first_review.cut", {"key": FRESH, "version": 1, **HERE}, cap="weekly", amount="100"),
        EDITORS,
    ),
    "revocation.assign": Act(
        sent(
            "revocation.assign",
            {"key": RETIRED, **HERE},
            person=PEOPLE["colleague"],
            due_on="2026-11-27",
        ),
        AGREEING,
    ),
    "break_glass.form": Act(
        sent(
            "break_glass.form",
            {"id": "glass-2", "key": RUNNING, **HERE},
            cap="weekly",
            amount="50",
            reason="Down.",
        ),
        EDITORS,
    ),
    "break_glass.wrong": Act(
        sent("break_glass.wrong", {"request": GLASS, **HERE}, note="No incident."),
        APPROVERS | {"finance"},
    ),
    "outcome.form": Act(
        sent("outcome.form", {"request": REQUEST, **HERE}, answer="yes", evidence="p95 is 1.8 s"),
        OWNERS | {"requester"},
    ),
    "delegation.form": Act(
        sent(
            "delegation.form",
            {"id": "d-2", **HERE},
            to=PEOPLE["colleague"],
            first="2026-11-24",
            last="2026-11-27",
            reason="Leave.",
        ),
        frozenset({"admin", "finance", "approver", "owner", "backup"}),
    ),
    "settings.save": Act(sent("settings.save", HERE, quiet="none", digest="none"), MEMBERS),
    "owner.save": Act(
        sent("owner.save", {"question": QUESTION, **HERE}, owner=PEOPLE["colleague"]),
        ADMIN | APPROVERS,
    ),
    "workflow.register": Act(sent("workflow.register", HERE, **CONTRACT), MEMBERS),
    "workflow.preview": Act(
        sent("workflow.preview", {**HERE, "values": CONTRACT}, save_as="proposed"), MEMBERS
    ),
    "workflow.edit": Act(
        sent("workflow.edit", {"key": RUNNING, "version": 1, **HERE}, name="Another name"),
        EDITORS,
    ),
    "workflow.retire": Act(
        sent("workflow.retire", {"key": RUNNING, **HERE}, reason="Done."), AGREEING
    ),
}
