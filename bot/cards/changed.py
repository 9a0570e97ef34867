"""What the team and the person are told when a contract changes."""

from collections.abc import Sequence

from bot.cards.kit import actions, button, clip, escape, person, section
from bot.cards.terms import caps_said, missing_said, not_enforced, titled
from bot.notices import Card
from bot.people import who_may
from bot.proposals import Proposal
from bot.workflows import Status, Workflow


def said(text: str) -> Card:
    return Card(text, (section(text),))


def reasoned(reason: str) -> str:
    """` – “because”`, or nothing."""
    return f" – “{escape(clip(reason, 300))}”" if reason.strip() else ""


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
            f"{person(workflow.owner)} answers for it. {not_enforced(workflow)}"
        ).strip()
    needs = f" and still misses: {missing_said(lacking)}" if lacking else ""
    return f"It is *proposed*{needs}."


def _next_step(workflow: Workflow, lacking: Sequence[str], who_may: str) -> str:
    if lacking:
        return f"Complete it with `/budget edit {workflow.key}`."
    return f"{who_may[0].upper()}{who_may[1:]} activates it with `/budget activate {workflow.key}`."


def owner_asked(workflow: Workflow, by: str, lacking: Sequence[str]) -> Card:
    """To the owner of what somebody else registered."""
    text = (
        f"{person(by)} registered {titled(workflow)} and named you as its owner: you answer for "
        f"its bill. {_stands(workflow, lacking)}"
    )
    buttons = [button("Show contract", "workflow.show", workflow.key)]
    if workflow.status is Status.PROPOSED and not lacking:
        text += " Activating it is your agreement to the contract."
        agree = button("Activate", "workflow.activate", workflow.key, style="primary")
        buttons = [agree, *buttons]
    return Card(text, (section(text), actions(*buttons)))


def activated(workflow: Workflow, by: str, told: Sequence[str]) -> Card:
    text = (
        f"{titled(workflow)} is *active*: {person(by)} agreed to its contract. "
        f"{caps_said(workflow.caps)}; {person(workflow.owner)} answers for it. "
        f"{' '.join((*told, not_enforced(workflow)))}"
    )
    return said(text.strip())


def paused(workflow: Workflow, by: str, reason: str) -> Card:
    return said(
        f"{titled(workflow)} was *paused* by {person(by)}{reasoned(reason)}. Its caps are $0.00 "
        "until it is resumed. budget-bot does not cut access; spend that still arrives is reported."
    )


def resumed(workflow: Workflow, by: str, reason: str, told: Sequence[str]) -> Card:
    text = f"{titled(workflow)} was *resumed* by {person(by)}{reasoned(reason)}. {' '.join(told)}"
    return said(text.strip())


def edited(workflow: Workflow, by: str, reason: str, told: Sequence[str]) -> Card:
    """`told`: one part for each thing that changed, or waits for an approver."""
    lines = "\n".join(f"• {one}" for one in told)
    return said(f"{titled(workflow)} was changed by {person(by)}{reasoned(reason)}.\n{lines}")


def made_owner(workflow: Workflow, by: str) -> Card:
    text = (
        f"{person(by)} made you the owner of {titled(workflow)}: from now on you answer for its "
        f"bill. It is {workflow.status}, with {caps_said(workflow.caps)}."
    )
    return Card(
        text,
        (section(text), actions(button("Show contract", "workflow.show", workflow.key))),
    )


def saved_edit(workflow: Workflow, told: Sequence[str]) -> Card:
    """To whoever edited."""
    if not told:
        return said(f"Nothing changed in {titled(workflow)}.")
    lines = "\n".join(f"• {one}" for one in told)
    return said(f"Saved {titled(workflow)}.\n{lines}")


def status_confirmed(workflow: Workflow, channel: str) -> Card:
    """To whoever pressed or typed; the channel is told the rest."""
    limits = not_enforced(workflow) if workflow.status is Status.ACTIVE else ""
    text = f"Done: {titled(workflow)} is *{workflow.status}*. <#{channel}> is told. {limits}"
    return said(text.strip())
