"""`/budget rules`: by what spend is attributed, in the order in which it is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from bot.attribution import Rule
from bot.cards.kit import actions, button, clip, context, section
from bot.cards.pages import page
from bot.cards.rule_words import CLUES, arrow, rule_value
from bot.namesakes import Sight
from bot.notices import Block, Card
from bot.workflows import Status

_OVER = {Status.PROPOSED, Status.PAUSED, Status.RETIRED, Status.ENDED}
_FOOT = (
    "The first that fits wins, from the top: key, what the gateway knows, project, declared name, "
    "service, repository, person, source. A declared name that is a workflow's key needs no rule. "
    "What nothing fits belongs to nobody: `/budget whose`."
)


@dataclass(frozen=True)
class Seen:
    """`statuses` of the workflows that rules lead to."""

    rules: Sequence[Rule]
    statuses: Mapping[str, Status]
    sight: Sight
    keeper: bool
    recounting: int | None = None


def listed(seen: Seen, start: int) -> Card:
    head = f"*{len(seen.rules):,} rules of attribution*" if seen.rules else "*No rule is made yet.*"
    if len(seen.rules) == 1:
        head = "*One rule of attribution*"
    if seen.recounting is not None:
        head += f" Records of before are told anew: {seen.recounting} % done."
    entries = _entries(seen)
    start = min(start, max(len(entries) - 1, 0))
    weighed, following = page(_weighed(seen, entries), start)
    shown = entries[start : start + len(weighed)]
    blocks: list[Block] = [section(head)]
    for text, rule in zip(shown, seen.rules[start:], strict=False):
        blocks.append(section(text, _change(rule) if seen.keeper else None))
    buttons = [button("New rule…", "rule.new", "")] if seen.keeper else []
    if following is not None:
        buttons.append(button("Show more", "rules.list", str(following)))
    blocks += [actions(*buttons)] if buttons else []
    text = clip("\n".join((head, *shown, _FOOT)), 3_900)
    return Card(text, (*blocks, context(_FOOT)))


def _weighed(seen: Seen, entries: Sequence[str]) -> list[str]:
    """What stands in a button takes room of the message, too."""
    if not seen.keeper:
        return list(entries)
    return [f"{text}{_change(one)}" for text, one in zip(entries, seen.rules, strict=True)]


def _entries(seen: Seen) -> list[str]:
    """With a heading above the first of each clue, numbered within it."""
    found: list[str] = []
    for clue, alike in groupby(seen.rules, key=lambda rule: rule.clue):
        for number, rule in enumerate(alike, 1):
            status = seen.statuses.get(rule.workflow)
            note = f" ({status})" if status in _OVER else ""
            line = f"{number}. {arrow(rule, seen.sight)}{note}"
            found.append(f"*{CLUES[clue].capitalize()}*\n{line}" if number == 1 else line)
    return found


def _change(rule: Rule) -> Block:
    return button("Change…", "rule.edit", rule_value(rule.clue, rule.pattern, rule.workflow))
