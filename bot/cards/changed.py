"""What the team and the person are told when a contract changes."""

from collections.abc import Sequence

from bot.cards.kit import person, section
from bot.cards.terms import caps_said, missing_said, titled
from bot.notices import Card
from bot.people import who_may
from bot.proposals import Proposal
from bot.workflows import Status, Workflow


def said(text: str) -> Card:
    return Card(text, (section(text),))


def registered(workflow: Workflow, by: str, lacking: Sequence[str]) -> Card:
    """For the team's channel."""
    return said(f"{titled(workflow)} was registered by {person(by)}. {_stands(workflow, lacking)}")


def registered_privately(workflow: Workflow, lacking: Sequence[str], who_may: str) -> Card:
    text = f"{titled(workflow)} is registered. {_stands(workflow, lacking)}"
    if workflow.status is Status.PROPOSED:
        text += f" {_next_step(workflow, lacking, who_may)}"
    return said(text)


def before_saving(made: Proposal) -> str:
    """What would happen, and who has a say."""
    if made.lacking:
        return f"It stays *proposed* while it misses: {missing_said(made.lacking)}."
    agrees = who_may(made.workflow, made.team)
    if made.activates:
        return "Nothing is missing. Saving it as active is your agreement to this contract."
    return f"Nothing is missing. It is saved as *proposed*; {agrees} activates it."


def _stands(workflow: Workflow, lacking: Sequence[str]) -> str:
    if workflow.status is Status.ACTIVE:
        return (
            f"It is *active* with {caps_said(workflow.caps)}; "
            f"{person(workflow.owner)} answers for it."
        )
    needs = f" and still misses: {missing_said(lacking)}" if lacking else ""
    return f"It is *proposed*{needs}."


def _next_step(workflow: Workflow, lacking: Sequence[str], who_may: str) -> str:
    if lacking:
        return f"Complete it with `/budget edit {workflow.key}`."
    return f"{who_may[0].upper()}{who_may[1:]} activates it with `/budget activate {workflow.key}`."
