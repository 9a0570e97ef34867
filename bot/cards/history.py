"""The audit trail of one workflow, the newest first, in words."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from bot.addresses import is_person
from bot.cards.edits import changes_said
from bot.cards.kit import actions, button, clip, escape, person, section, when
from bot.cards.pages import page
from bot.cards.terms import begun_said, kept_said, titled
from bot.changes import INSTEAD_OF, Change
from bot.labels import label
from bot.notices import Card
from bot.workflows import Workflow

_FACTS = 450
_AT_FIRST = ("status", "kind", "owner", "daily_cap", "weekly_cap", "monthly_cap", "total_cap")


def history(
    workflow: Workflow, changes: Sequence[Change], zone: str, *, start: int, more: bool
) -> Card:
    """`changes` from the `start`-th on; `more`: there are older ones than these."""
    entries = [_entry(change, zone) for change in changes]
    shown, following = page(entries, 0)
    head = f"*History of* {titled(workflow)}"
    if not entries:
        return _said(f"{head}\nNothing is recorded.")
    blocks = [section(head), *map(section, shown)]
    if following is not None or more:
        value = f"{start + len(shown)} {workflow.key}"
        blocks.append(actions(button("Show older", "workflow.history", value)))
    return Card(clip("\n".join((head, *shown)), 3_900), tuple(blocks))


def _said(text: str) -> Card:
    return Card(text, (section(text),))


def _entry(change: Change, zone: str) -> str:
    who = person(change.actor) if is_person(change.actor) else escape(change.actor)
    instead_of = change.after.get(INSTEAD_OF)
    who = f"{who} for {person(instead_of)}" if instead_of else who
    reason = f" “{escape(clip(change.reason, 200))}”" if change.reason else ""
    facts = "; ".join(_fitting(_facts(change)))
    colon = ": " if facts else ""
    moment = when(change.at, zone, "{date_short} {time}")
    what = f"{escape(clip(change.what, 120))}{_on_its_day(change, zone)}"
    return f"{moment} · {who} {what}{colon}{facts}{reason}"


def _on_its_day(change: Change, zone: str) -> str:
    """Of an adjustment."""
    at = change.after.get("at")
    return f" on {begun_said(datetime.fromisoformat(at), zone)}" if at else ""


def _facts(change: Change) -> Iterator[str]:
    if change.before or change.what != "registered":
        yield from changes_said(change.before, change.after)
        return
    for field in _AT_FIRST:
        if change.after.get(field):
            yield f"{label(field)} {kept_said(field, change.after[field])}"


def _fitting(facts: Iterable[str]) -> Iterator[str]:
    """As many as an entry has room for; nothing is cut in the middle."""
    room = _FACTS
    for fact in facts:
        room -= len(fact)
        if room < 0:
            yield "and more"
            return
        yield fact
