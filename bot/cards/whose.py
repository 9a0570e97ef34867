"""`/budget whose`: spend that belongs to no workflow, and whose it may be."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.attribution import Clue, exactly
from bot.cards.changed import said
from bot.cards.freshness import with_freshness
from bot.cards.kit import actions, button, clip, context, divider, named, section, when
from bot.cards.pages import MOST, page
from bot.cards.rule_words import CLUES, decided_by, kept, rule_value, somebodys
from bot.cards.terms import begun_said
from bot.freshness import Feed
from bot.namesakes import Sight
from bot.notices import Block, Card
from bot.rule_changes import Reach
from bot.rule_trials import Sum
from bot.unclaimed import Contradiction, Finding

_FIRST = 2
_PLURALS = {
    Clue.KEY: "keys",
    Clue.TEAM: "gateway teams",
    Clue.PROJECT: "projects",
    Clue.DECLARED: "declared names and tags",
    Clue.SERVICE: "services",
    Clue.REPOSITORY: "repositories",
    Clue.PERSON: "people",
    Clue.SOURCE: "sources",
}
_CONTRADICTIONS = 5


@dataclass(frozen=True)
class Past:
    """A month that is over, with the reach of a rule that moves its spend."""

    first: date
    reach: Reach

    @property
    def said(self) -> str:
        return f"{self.first:%B %Y}"


@dataclass(frozen=True)
class Seen:
    """What one person may see. `most`: there were more kinds of records than were looked at.
    `nothing`: nothing at all was recorded, whoever it belongs to.
    """

    whole: Sum
    findings: Sequence[Finding]
    contradictions: Sequence[Contradiction]
    since: datetime
    zone: str
    sight: Sight
    keeper: bool
    most: bool = False
    past: Past | None = None
    nothing: bool = False
    feeds: tuple[Feed, ...] = ()

    def of(self, clue: Clue) -> list[Finding]:
        return [one for one in self.findings if one.clue is clue]


def overview(seen: Seen) -> Card:
    """The dearest by each clue."""
    return with_freshness(_overview(seen), seen.feeds, seen.zone)


def _overview(seen: Seen) -> Card:
    head = _head(seen)
    if not seen.whole.number and not seen.contradictions:
        return Card(head, (section(head),))
    texts, blocks = [head], [section(head)]
    for clue in Clue:
        for text, block in _of_clue(seen, clue):
            texts.append(text)
            blocks.append(block)
    conflicts = [_contradicted(one, seen) for one in seen.contradictions[:_CONTRADICTIONS]]
    if conflicts:
        conflicts.insert(0, "*Calls itself one thing and is counted as another*")
        blocks += [divider(), section("\n".join(conflicts))]
        texts += conflicts
    foot = _foot(seen)
    return Card(clip("\n".join((*texts, foot)), 3_900), (*blocks, context(foot)))


def _head(seen: Seen) -> str:
    since = f"since {begun_said(seen.since, seen.zone)}"
    stretch = f"of {seen.past.said}" if seen.past else since
    if seen.nothing:
        return f"*Nothing was recorded {stretch}.*"
    if not seen.whole.number:
        return f"*Everything {stretch} belongs to a workflow.*"
    return f"*Whose is this?* {kept(seen.whole)} {stretch} belong to no workflow."


def _closed(seen: Seen) -> str:
    """What stays as it is unless somebody asks for it."""
    if seen.past is None:
        return ""
    label = seen.past.reach.label
    return f" {seen.past.said} is over: a rule moves it only where its form says “{label}”."


def _foot(seen: Seen) -> str:
    said = "The same money stands under each thing it is known by. "
    said += "`/budget rules` has the rules; the first that fits wins, a key before a name."
    if seen.most:
        said += " Only the dearest are listed; their sums may lack some records."
    said += _closed(seen)
    return said if seen.keeper else f"{said} Finance and admins make them."


def _of_clue(seen: Seen, clue: Clue) -> Iterator[tuple[str, Block]]:
    found = seen.of(clue)
    if not found:
        return
    if clue is Clue.PERSON and not seen.sight.names:
        yield _plain(_people(found))
        return
    for at, one in enumerate(found[:_FIRST]):
        yield _entry(one, seen, first=at == 0)
    if len(found) > _FIRST:
        label = f"All {len(found)} {_PLURALS[clue]}"
        listed = button(label, "whose.list", _page(seen, clue, 0))
        yield label, actions(listed, block_id=f"all-{clue}")


def _page(seen: Seen, clue: Clue, start: int) -> str:
    """What a button knows: the clue, the page, and the month if it is over."""
    return f"{clue} {start}{f' {seen.past.first:%Y-%m}' if seen.past else ''}"


def _plain(text: str) -> tuple[str, Block]:
    return text, section(text)


def _people(found: Sequence[Finding]) -> str:
    held = Sum.of(one.whole for one in found)
    many = "one person" if len(found) == 1 else f"{len(found):,} people"
    return f"*By person*\n{many}: {kept(held)}. Approvers, finance and admins see who."


def _entry(one: Finding, seen: Seen, *, first: bool) -> tuple[str, Block]:
    said = _said(one, seen.sight)
    text = f"*By {CLUES[one.clue]}*\n{said}" if first else said
    return text, section(text, _offered(one, seen))


def _said(one: Finding, sight: Sight) -> str:
    if not one.ours and sight.hides(one.clue, one.value):
        return f"{somebodys(one.clue)}: {kept(one.whole)}"
    shown = one.name and not sight.hides(one.clue, one.name)
    name = f" ({named(one.name)})" if shown else ""
    value = named(one.value, 80) if one.ours else f"“{named(one.value, 80)}”"
    line = f"{value}{name}: {kept(one.whole)}"
    if one.suggestion is None:
        return line
    return f"{line} – probably `{one.suggestion.rule.workflow}`, {one.suggestion.why}"


def _offered(one: Finding, seen: Seen) -> Block | None:
    return _make(one) if seen.keeper and not one.ours else None


def _make(one: Finding) -> Block:
    suggested = one.suggestion.rule.workflow if one.suggestion else ""
    return button("Make a rule…", "rule.new", rule_value(one.clue, exactly(one.value), suggested))


def _weighed(text: str, one: Finding, seen: Seen) -> str:
    """What stands in a button takes room of the message, too."""
    return f"{text}{_offered(one, seen) or ''}"


def _contradicted(one: Contradiction, seen: Seen) -> str:
    by = decided_by(one.rule, seen.sight)
    return (
        f"• `{named(one.declared)}` is what it says, `{named(one.workflow)}` gets it {by}: "
        f"{kept(one.whole)}, since {when(one.since, seen.zone)}"
    )


def _none_by(clue: Clue, seen: Seen) -> str:
    if not seen.whole.number:
        return _head(seen)
    stretch = f"of {seen.past.said}" if seen.past else f"since {begun_said(seen.since, seen.zone)}"
    return (
        f"*Nothing that belongs to no workflow is known by a {CLUES[clue]}* {stretch}. "
        "`/budget whose` shows by what it is known."
    )


def of_clue(seen: Seen, clue: Clue, start: int) -> Card:
    """All by one clue, from the `start`-th on."""
    return with_freshness(_of_one(seen, clue, start), seen.feeds, seen.zone)


def _of_one(seen: Seen, clue: Clue, start: int) -> Card:
    found = seen.of(clue)
    if not found:
        return said(_none_by(clue, seen))
    if clue is Clue.PERSON and not seen.sight.names:
        return said(_people(found))
    start = min(start, max(len(found) - 1, 0))
    texts = [_said(one, seen.sight) for one in found[start : start + MOST]]
    weighed = [_weighed(*pair, seen) for pair in zip(texts, found[start:], strict=False)]
    fit, _ = page(weighed, 0)
    shown, following = texts[: len(fit)], start + len(fit)
    of = f" of {seen.past.said}" if seen.past else ""
    head = f"*Whose is this? By {CLUES[clue]}*, {len(found):,} in all{of}, the dearest first"
    if start == 0:
        head += f".{closed}" if (closed := _closed(seen)) else ""
    blocks = [section(head)]
    for text, one in zip(shown, found[start:], strict=False):
        blocks.append(section(text, _offered(one, seen)))
    if following < len(found):
        blocks.append(actions(button("Show more", "whose.list", _page(seen, clue, following))))
    return Card(clip("\n".join((head, *shown)), 3_900), tuple(blocks))
