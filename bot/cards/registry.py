"""The registry as a list, page by page."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from bot.cards.kit import SECTION_TEXT, actions, button, clip, named, person, section
from bot.cards.pages import page
from bot.cards.terms import caps_said
from bot.notices import Block, Card
from bot.teams import Team
from bot.workflows import Workflow


def listed(
    workflows: Sequence[Workflow], teams: Mapping[str, Team], *, wanted: str, start: int
) -> Card:
    """Grouped by team. `wanted` is what was asked for: '' for all, `mine`, or a team's key."""
    if not workflows:
        return _nothing(wanted, teams)
    ordered = sorted(workflows, key=lambda one: (one.team, one.key))
    shown, following = page([line(one) for one in ordered], start)
    lines = list(zip(ordered[start:], shown, strict=False))
    blocks = [section(text) for text in _groups(lines, teams)]
    head = (
        f"*{_count(len(workflows))}{_of(wanted, teams)}*{_which(start, len(shown), len(ordered))}"
    )
    more = _more(wanted, following)
    return Card(_plain(head, shown, following), (section(head), *blocks, *more))


def line(workflow: Workflow) -> str:
    return (
        f"`{workflow.key}` *{named(workflow.name)}* · {workflow.kind.label} · {workflow.status} · "
        f"{person(workflow.owner)} · {caps_said(workflow.caps)}"
    )


def _groups(lines: Iterable[tuple[Workflow, str]], teams: Mapping[str, Team]) -> Iterable[str]:
    for team, group in groupby(lines, key=lambda one: one[0].team):
        yield from _chunks(f"*{_team(team, teams)}*", [text for _, text in group])


def _chunks(head: str, lines: Iterable[str]) -> Iterable[str]:
    """Sections of at most 3,000 characters."""
    text = head
    for one in lines:
        if len(text) + len(one) >= SECTION_TEXT:
            yield text
            text = one
        else:
            text = f"{text}\n{one}"
    yield text


def _team(key: str, teams: Mapping[str, Team]) -> str:
    return named(teams[key].name) if key in teams else key


def _count(number: int) -> str:
    return "1 workflow" if number == 1 else f"{number} workflows"


def _of(wanted: str, teams: Mapping[str, Team]) -> str:
    if not wanted:
        return ""
    return " of yours" if wanted == "mine" else f" of {_team(wanted, teams)}"


def _which(start: int, shown: int, of: int) -> str:
    return "" if shown == of else f", {start + 1} to {start + shown}"


def _more(wanted: str, following: int | None) -> tuple[Block, ...]:
    if following is None:
        return ()
    return (actions(button("Show more", "workflow.list", f"{following} {wanted}".strip())),)


def _plain(head: str, shown: Iterable[str], following: int | None) -> str:
    rest = "\nThere are more: press “Show more”." if following is not None else ""
    return clip("\n".join((head, *shown)), 3_900) + rest


def _nothing(wanted: str, teams: Mapping[str, Team]) -> Card:
    whose = {"": "There is no workflow yet.", "mine": "You own no workflow yet."}.get(
        wanted, f"{_team(wanted, teams)} has no workflow yet."
    )
    text = f"{whose} `/budget register` makes one."
    return Card(text, (section(text),))
