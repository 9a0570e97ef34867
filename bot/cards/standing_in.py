"""What is said when somebody stands in, is away, or is back."""

from collections.abc import Sequence

from bot.cards.changed import reasoned
from bot.cards.kit import button, clip, person, section
from bot.cards.terms import days_said, titled
from bot.delegations import Absence, Delegation
from bot.notices import Block, Card
from bot.workflows import Workflow

_SHOWN = 15
_TEXT = 3_000
_BOTH = "Both may act: nobody is replaced. Messages say who acted for whom."


def named_for_channel(one: Delegation, zone: str) -> Card:
    return _card(
        f"{person(one.to)} stands in for {person(one.by)}, {days_said(one.start, one.end, zone)}"
        f"{_why(one)}. {_BOTH}"
    )


def named_for_delegate(one: Delegation, roles: Sequence[str], zone: str) -> Card:
    return _card(
        f"You stand in for {person(one.by)} ({', '.join(roles)}), "
        f"{days_said(one.start, one.end, zone)}{_why(one)}: you may answer requests and "
        f"reviews and change contracts as they may, except for what you asked for or own "
        f"yourself. {_BOTH} You cannot pass it on. `/budget delegate` ends it."
    )


def named(one: Delegation, zone: str) -> Card:
    """To whoever named them."""
    return _card(
        f"{person(one.to)} stands in for you, {days_said(one.start, one.end, zone)}. {_BOTH} "
        "`/budget delegate` ends it earlier."
    )


def ended(one: Delegation, by: str) -> Card:
    return _card(
        f"{person(one.to)} no longer stands in for {person(one.by)}: ended by {person(by)}."
    )


def running(one: Delegation, zone: str) -> Block:
    """In the form, with the way to end it."""
    text = (
        f"{person(one.to)} stands in for {person(one.by)}, "
        f"{days_said(one.start, one.end, zone)}{_why(one)}"
    )
    return section(text, button("End now", "delegation.end", one.id))


def away(
    absence: Absence,
    owned: Sequence[Workflow],
    zone: str,
    *,
    approves: bool,
) -> Card:
    """To whoever is away: what it changes, and what it does not."""
    lines = [
        (
            f"You are away {days_said(absence.start, absence.end, zone)}. `/budget away off` takes "
            "it back."
        ),
        *(_beside(one) for one in owned[:_SHOWN]),
    ]
    if len(owned) > _SHOWN:
        lines.append(f"• and {len(owned) - _SHOWN} more workflows, each with its own backup")
    if approves:
        lines.append("What you approve waits for you: `/budget delegate` names who stands in.")
    return _card("\n".join(lines))


def _beside(workflow: Workflow) -> str:
    if workflow.backup is None:
        return (
            f"• {titled(workflow)} has no backup: only you are addressed "
            f"(`/budget edit {workflow.key}` names one)"
        )
    return f"• {titled(workflow)}: {person(workflow.backup)} is addressed beside you"


def for_backup(absence: Absence, covered: Sequence[Workflow], zone: str) -> Card:
    names = ", ".join(titled(one) for one in covered[:_SHOWN])
    more = f" and {len(covered) - _SHOWN} more" if len(covered) > _SHOWN else ""
    return _card(
        f"{person(absence.person)} is away {days_said(absence.start, absence.end, zone)}. You are "
        f"the backup: you are addressed beside them for {names}{more}."
    )


def back(gone: Sequence[Absence], zone: str) -> Card:
    if not gone:
        return _card("You were not away, so nothing changed.")
    taken = "; ".join(days_said(one.start, one.end, zone) for one in gone[:_SHOWN])
    return _card(f"You are back ({taken} is taken back): only you are addressed again.")


def _why(one: Delegation) -> str:
    return reasoned(one.reason.rstrip(". "))


def _card(text: str) -> Card:
    clipped = clip(text, _TEXT)
    return Card(clipped, (section(clipped),))
