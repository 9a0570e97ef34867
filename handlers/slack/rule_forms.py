"""The forms in which a rule of attribution is written, tried and saved."""

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.attribution import Clue, NotARule, Rule
from bot.cards.freshness import freshness
from bot.cards.kit import actions, button, context, section
from bot.cards.rule_changes import trial_said
from bot.cards.rule_words import CLUES
from bot.names import tidy
from bot.rule_changes import PATTERN_LENGTH, Reach, RuleChange, read_rule
from bot.rule_trials import Found, Sum
from bot.workflows import Workflow
from handlers.flows.preview_rule import RulePreview
from handlers.slack.calls import View
from handlers.slack.forms import choice_input, modal, text_input
from handlers.slack.workflow_forms import SELECTABLE

_AGAIN = (
    "⚠️ *Not saved yet.* The registry has changed since this was tried, or it was some time ago. "
    "Look at it once more:"
)
_HINT = "Exactly as it is written, or with * for anything and ? for one character."


def rule_form(
    values: Sequence[str],
    workflows: Sequence[Workflow],
    before: Rule | None,
    channel: str | None,
) -> View:
    """`values`: clue, pattern and workflow, as far as they are known. `before`: what is changed."""
    clue, pattern, workflow = (*values, "", "", "")[:3]
    blocks = [
        choice_input("clue", "What to look at", [(one.value, CLUES[one]) for one in Clue], clue),
        text_input("pattern", "What it says", pattern, hint=_HINT, limit=PATTERN_LENGTH),
        _workflow(workflow, workflows),
        choice_input(
            "reach", "Records of before", [(one.value, one.label) for one in Reach], Reach.OPEN
        ),
        context("Nothing is saved yet: first it is tried on the records of before."),
    ]
    if before is not None:
        blocks.append(_beside(before))
    title = "New rule" if before is None else "Change the rule"
    private = {"before": kept(before), "channel": channel}
    return modal("rule.form", title, blocks, submit="Try it", private=private)


def _workflow(chosen: str, workflows: Sequence[Workflow]) -> dict[str, Any]:
    if len(workflows) > SELECTABLE:
        return text_input("workflow", "Whose spend it is", chosen, hint="The key.", limit=100)
    choices = [(one.key, tidy(one.name) or one.key) for one in workflows]
    return choice_input("workflow", "Whose spend it is", choices, chosen)


def _beside(rule: Rule) -> dict[str, Any]:
    value = json.dumps(kept(rule), ensure_ascii=False)
    return actions(
        button("Move up…", "rule.up", value),
        button("Move down…", "rule.down", value),
        button("Remove…", "rule.remove", value, style="danger"),
    )


def preview_form(preview: RulePreview, channel: str | None, *, again: bool) -> View:
    """`again`: it was seen before, and may look otherwise now."""
    change = preview.tried.change
    said = trial_said(preview.tried, preview.leads_to, preview.position, preview.zone)
    if again:
        said = (_AGAIN, *said)
    private = {
        "before": kept(change.before),
        "after": kept(change.after),
        "place": change.place,
        "reach": preview.tried.reach.value,
        "found": _found(preview.tried.found),
        "channel": channel,
    }
    submit = "Remove and move" if change.after is None else "Save and move"
    data = freshness(preview.feeds, preview.zone)
    blocks = [*map(section, said), *([context(data)] if data else [])]
    return modal("rule.preview", "What would move", blocks, submit=submit, private=private)


def _found(found: Found) -> str:
    moved = found.moved
    said = (found.version, found.at.isoformat(), moved.cost, moved.records, moved.lines)
    return " ".join(map(str, said))


def read_found(held: object, change: RuleChange, reach: Reach) -> Found | None:
    """None where it does not say, as in a form of an older release."""
    try:
        version, at, cost, records, lines = str(held).split()
        moved = Sum(Decimal(cost), int(records), int(lines))
        return Found(change, reach, moved, int(version), datetime.fromisoformat(at))
    except (ValueError, InvalidOperation):
        return None


def kept(rule: Rule | None) -> list[str] | None:
    return None if rule is None else [rule.clue.value, rule.pattern, rule.workflow]


def read_kept(held: Any) -> Rule | None:  # noqa: ANN401 - what came back from Slack
    """Raises NotARule."""
    if held is None:
        return None
    if not isinstance(held, list) or not all(isinstance(one, str) for one in held):
        raise NotARule("This belongs to an older message. `/budget rules` shows what holds.")
    clue, pattern, workflow = (*held, "", "", "")[:3]
    return read_rule(clue, pattern, workflow)


def read_entered(values: dict[str, Any]) -> Rule:
    """Raises NotARule."""
    entered = [values.get(name) or "" for name in ("clue", "pattern", "workflow")]
    return read_rule(*entered)


def read_change(private: dict[str, Any]) -> RuleChange:
    """Raises NotARule."""
    place = private.get("place")
    before, after = read_kept(private.get("before")), read_kept(private.get("after"))
    return RuleChange(before, after, place if isinstance(place, int) else None)


def read_reach(text: object) -> Reach:
    return next((one for one in Reach if one.value == text), Reach.OPEN)
