"""A rule of attribution in words."""

import json

from bot.attribution import UNATTRIBUTED, UNMETERED, Clue, Rule
from bot.cards.kit import named
from bot.cards.terms import titled
from bot.money import say
from bot.namesakes import EVERYTHING, Sight
from bot.rule_trials import Sum
from bot.workflows import Status, Workflow

CLUES = {
    Clue.KEY: "key",
    Clue.TEAM: "gateway team",
    Clue.PROJECT: "project",
    Clue.DECLARED: "declared name or tag",
    Clue.SERVICE: "service",
    Clue.REPOSITORY: "repository",
    Clue.PERSON: "person",
    Clue.SOURCE: "source",
}
NOBODYS = "Unattributed"
NOT_SEEN = "Unmetered"
# Why a closed month is touched where only open ones were asked for.
STRADDLES = "A bill’s UTC day that lies in two months is settled anew as a whole."
SOMEBODY = "one person"
_BY_ITSELF = {
    "key metadata": "by what the gateway says of its key",
    "declared": "by its own name",
}
_STANDING = {
    Status.PROPOSED: "it is only proposed: spend counts, but nothing alerts before it is active",
    Status.PAUSED: "it is paused: spend counts against no cap",
    Status.RETIRED: "it is retired: spend counts and alarms whoever retired it",
    Status.ENDED: "it has ended: spend counts against no cap",
}


def rule_value(clue: Clue, pattern: str, workflow: str) -> str:
    """What a button knows of a rule."""
    return json.dumps([clue.value, pattern, workflow], ensure_ascii=False, separators=(",", ":"))


def looked_for(rule: Rule, sight: Sight = EVERYTHING) -> str:
    """`key “prod-*”`; who a person is only for those who may see it."""
    if sight.hides_rule(rule):
        return somebodys(rule.clue)
    return f"{CLUES[rule.clue]} “{named(rule.pattern, 80)}”"


def somebodys(clue: Clue) -> str:
    """In the place of whoever is not to be named."""
    return SOMEBODY if clue is Clue.PERSON else f"{SOMEBODY}’s {CLUES[clue]}"


def arrow(rule: Rule, sight: Sight = EVERYTHING) -> str:
    """`key “prod-*” → search-ranking`."""
    return f"{looked_for(rule, sight)} → `{rule.workflow}`"


def place(workflow: str) -> str:
    said = {UNATTRIBUTED: NOBODYS, UNMETERED: NOT_SEEN}.get(workflow)
    return said or f"`{named(workflow)}`"


def counted(held: Sum) -> str:
    """`$123.40, 1,204 records`; the dollars alone where only a bill says so."""
    if not held.number:
        return say(held.cost)
    return f"{say(held.cost)}, {numbered(held.records, held.lines)}"


def kept(held: Sum) -> str:
    """`$123.40, 1,204 records and lines of bills`. A line of a bill is booked in several pieces or
    with others, which say nothing of the number of lines.
    """
    if not held.lines:
        return counted(held)
    records = f", {numbered(held.records, 0)} and lines" if held.records else ""
    return f"{say(held.cost)}{records} of bills"


def numbered(records: int, lines: int) -> str:
    """`1,204 records and 3 lines of bills`."""
    said = [f"{records:,} record{'' if records == 1 else 's'}"] if records or not lines else []
    said += [f"{lines:,} line{'' if lines == 1 else 's'} of bills"] if lines else []
    return " and ".join(said)


def standing(workflow: Workflow) -> str:
    """What to know before spend is given to it; '' of one that is active."""
    said = _STANDING.get(workflow.status)
    return f"{titled(workflow)} still gets this spend, and {said}." if said else ""


def decided_by(rule: str, sight: Sight = EVERYTHING) -> str:
    """What `usage.rule` holds, for people: `by key “prod-*”`."""
    clue, colon, pattern = rule.partition(":")
    if colon and clue in set(Clue):
        return f"by {looked_for(Rule(Clue(clue), pattern, UNATTRIBUTED), sight)}"
    return _BY_ITSELF.get(rule, "by hand")
