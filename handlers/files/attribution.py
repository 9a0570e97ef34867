"""The `attribution:` of a contract file: all rules by which spend is attributed, in their order."""

from collections.abc import Callable, Mapping
from typing import Any

from ruamel.yaml.nodes import Node

from bot.attribution import Clue
from bot.contract import RuleEntry
from bot.refusal import Refusal
from bot.rule_changes import read_rule
from handlers.files.fields import key
from handlers.files.nodes import place_of, text_of
from handlers.files.sheet import Sheet


def rule_entry(sheet: Sheet, node: Node, where: str) -> RuleEntry | None:
    """`{key: PATTERN, workflow: KEY}`, with one clue. Raises Refusal."""
    readers: Mapping[str, Callable[[Node], Any]] = {
        **{clue.value: text_of for clue in Clue},
        "workflow": key,
    }
    known = len(sheet.problems)
    values = sheet.fields(node, where, readers, required=("workflow",))
    if len(sheet.problems) > known:
        return None
    workflow = values.pop("workflow")
    if len(values) != 1:
        raise Refusal(f"takes exactly one of {', '.join(Clue)}, and workflow")
    ((clue, pattern),) = values.items()
    rule = read_rule(clue, pattern, workflow)
    sheet.once("attribution", rule.id, place_of(node))
    return RuleEntry(rule, sheet.places(node).get("workflow") or place_of(node))
