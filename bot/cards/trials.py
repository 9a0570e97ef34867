"""A test alert: the real card with today's figures, marked as what it is."""

from bot.cards.changed import said as plainly
from bot.cards.kit import divider, person, section
from bot.cards.terms import titled
from bot.notices import Card
from bot.workflows import Status, Workflow


def marked(card: Card, workflow: Workflow, by: str) -> Card:
    """`card` as a test."""
    head = (
        f"🧪 *Test alert*, asked for by {person(by)}. It counts for nothing, and no clock runs. "
        f"{_standing(workflow)}A real alert would say:"
    )
    return Card(f"{head}\n{card.text}", (section(head), divider(), *card.blocks))


def _standing(workflow: Workflow) -> str:
    if workflow.status is Status.ACTIVE:
        return ""
    return f"The workflow is {workflow.status}: while it is, it raises none. "


def sent(workflow: Workflow, channel: str, *, told_at: str | None) -> Card:
    """`told_at`: the hour their DM waits for, '' where it leaves at once, None without an owner."""
    return plainly(
        f"A test alert of {titled(workflow)} is on its way to <#{channel}>{_dm(workflow, told_at)} "
        f"`/budget deliveries {workflow.key}` says whether it arrived."
    )


def _dm(workflow: Workflow, told_at: str | None) -> str:
    if told_at is None:
        return ". Nobody owns it, so nobody is told by DM."
    if told_at:
        return f"; {person(workflow.owner)} has quiet hours and is told by DM {told_at}."
    return f" and to {person(workflow.owner)} by DM."
