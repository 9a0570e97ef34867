"""Money that a person booked, with the way back."""

from collections.abc import Sequence

from bot.adjustments import Adjustment, Weighed
from bot.cards.changed import reasoned, said
from bot.cards.freshness import freshness
from bot.cards.kit import actions, button, confirm, person, section
from bot.cards.terms import day_said, titled
from bot.money import ZERO, say
from bot.notices import Block, Card
from bot.periods import local_day
from bot.workflows import Workflow

HELP = (
    "Spend that no source tells of: a seat, an invoice; with a minus it is a credit. It counts at "
    "once, in the periods of its day, and alerts follow as with any spend."
)


def doubt(weighed: Weighed, workflow: Workflow | None, zone: str) -> str:
    """What is odd, before it is booked."""
    adjustment = weighed.adjustment
    month = f"{local_day(weighed.month.start, zone):%B %Y}"
    day = _day(adjustment, zone)
    said = [f"*Is this meant?* To be booked: {_what(adjustment)} {_whose(workflow)} on {day}."]
    if weighed.is_more_than_spent:
        spent = weighed.holds.cost
        left = say(spent + adjustment.amount)
        said.append(f"{month} has {say(spent)} so far; it would have {left}.")
    if weighed.is_long_closed:
        said.append(f"{month} is long closed, and its figures would change.")
    if weighed.is_more_than_spent:
        said.append(freshness(weighed.feeds, zone, weighed.holds.last_at))
    return "\n".join(filter(None, said))


def booked(adjustment: Adjustment, workflow: Workflow | None, zone: str, *, late: bool) -> Card:
    whose = _whose(workflow)
    day, why = _day(adjustment, zone), reasoned(adjustment.reason)
    text = f"Booked {_what(adjustment)} {whose} on {day}{why}."
    if late:
        text += " That week is closed: nothing is announced, and the next review shows it as late."
    if adjustment.undone_by:
        return said(f"{text} It was undone by {person(adjustment.undone_by)}.")
    return Card(text, (section(text), actions(_undo(adjustment))))


def undone(adjustment: Adjustment) -> Card:
    return said(
        f"Undone: {_what(adjustment)} is booked back on the same day. Both entries stay in "
        "`/budget adjust list`."
    )


def listed(found: Sequence[tuple[Adjustment, str]], start: int, *, more: bool) -> Card:
    """`found`: each with the zone of its day; the newest first."""
    if not found:
        return said("Nothing was booked by hand yet. `/budget adjust` books a seat or a credit.")
    lines = [_line(one, zone) for one, zone in found]
    blocks: list[Block] = [section("*Adjustments*, the newest first")]
    blocks += [
        section(line, None if one.undone_by else _undo(one))
        for line, (one, _) in zip(lines, found, strict=True)
    ]
    if more:
        blocks.append(actions(button("Show older", "adjustment.list", str(start + len(found)))))
    return Card("\n".join(("Adjustments, the newest first", *lines)), tuple(blocks))


def _line(one: Adjustment, zone: str) -> str:
    whose = f"`{one.workflow}`" if one.workflow else "unattributed"
    line = (
        f"{_day(one, zone)} · {_what(one)} · {whose} · by {person(one.made_by)}"
        f"{reasoned(one.reason)}"
    )
    return f"{line} · undone by {person(one.undone_by)}" if one.undone_by else line


def _whose(workflow: Workflow | None) -> str:
    return f"for {titled(workflow)}" if workflow else "for nobody (unattributed)"


def _what(adjustment: Adjustment) -> str:
    amount = say(abs(adjustment.amount))
    return f"*a credit of {amount}*" if adjustment.amount < ZERO else f"*{amount}*"


def _day(adjustment: Adjustment, zone: str) -> str:
    return day_said(local_day(adjustment.at, zone))


def _undo(adjustment: Adjustment) -> Block:
    sure = confirm(
        "Book it back?",
        f"{say(-adjustment.amount)} is booked on the same day. Both entries stay to be seen.",
        "Undo",
        "Keep it",
    )
    return button("Undo", "adjustment.undo", adjustment.id, confirm=sure)
